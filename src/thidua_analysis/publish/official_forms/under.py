"""The lines under a form: its notes, then what was checked."""

from __future__ import annotations

from thidua_analysis.messages import text
from thidua_analysis.publish.official_forms.filled import Check, Filled
from thidua_analysis.publish.official_forms.refer import names_of
from thidua_analysis.vietnamese import display
from thidua_analysis.vietnamese.display import Lang


def note_lines(form: Filled) -> list[str]:
    """Return the notes with their numbers."""
    return [f"[{number}] {note.text}" for number, note in enumerate(form.notes, start=1)]


def check_lines(form: Filled, lang: Lang) -> list[str]:
    """Return what holds in one line, then each equation that fails or cannot be checked."""
    seen = dict.fromkeys(check.equation for check in form.checks)
    wrong = {check.equation for check in form.checks if check.holds is not True}
    lines = [
        text("official-check-fails", lang, **_words(form, check, lang)) for check in form.mismatches
    ]
    for equation in seen:
        unknown = [c for c in form.checks if c.equation == equation and c.holds is None]
        if unknown:
            where = names_of(form, unknown[0].along, [check.at for check in unknown], lang)
            lines.append(text("official-check-open", lang, equation=equation, where=where))
    holding = [equation for equation in seen if equation not in wrong]
    if holding:
        lines.insert(0, text("official-checks-hold", lang, equations="; ".join(holding)))
    return lines


def _words(form: Filled, check: Check, lang: Lang) -> dict[str, str]:
    whole, parts = check.whole or 0, check.parts or 0
    gap = text("official-difference", lang, gap=check.gap) if check.gap else ""
    return {
        "equation": check.equation,
        "where": names_of(form, check.along, [check.at], lang),
        "whole": display.number(whole, 0, lang),
        "parts": display.number(parts, 0, lang),
        "difference": display.number(whole - parts, 0, lang),
        "gap": f" ({gap})" if gap else "",
    }
