"""A figure in one line: value, parts, unit and coverage, as it stands in a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from thidua_analysis.indicators import printing
from thidua_analysis.indicators.dictionary import entry
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import NO_VALUE, Lang


def described(figure: Mapping[Any, Any], lang: Lang = "vi") -> str:
    """Return a figure with what it is made of.

    Parameters
    ----------
    figure
        A row of a frame of figures.
    lang
        Language of the words.

    Returns
    -------
    str
        Such as ``68,2% (45/66 lượt cá nhân; 6/6 đơn vị)``, ``5/6 phiếu``, ``hạng 25/82``.
    """
    about = entry(figure["indicator"])
    printed = str(figure["text"])
    if about.kind == "rank":
        return text("said-rank", lang, rank=printed)
    parts = _parts(figure, lang)
    if parts.startswith(f"{printed} "):
        printed, parts = parts, ""
    inside = [parts, uncovered(figure, lang), _coverage(figure, lang)]
    unit = str(figure["unit"])
    if unit and unit != "%" and about.kind != "amount" and printed != NO_VALUE:
        printed = f"{printed} {unit}"
    told = "; ".join(part for part in inside if part)
    return f"{printed} ({told})" if told else printed


def _parts(figure: Mapping[Any, Any], lang: Lang) -> str:
    about = entry(figure["indicator"])
    if about.of is None or figure["denominator"] is None:
        return ""
    upper = printing.plain(figure["numerator"], 0, lang)
    lower = printing.plain(figure["denominator"], 0, lang)
    words = about.of[lang]
    if about.table == "commendations":
        words = text("said-counted", lang, unit=_counted(figure, lang), of=words)
    return f"{upper}/{lower} {words}"


def uncovered(figure: Mapping[Any, Any], lang: Lang = "vi") -> str:
    """Return how much of the whole a share does not cover: ``chưa tính 12 lượt cá nhân``."""
    if not figure.get("uncovered"):
        return ""
    about = entry(figure["indicator"])
    words = about.of[lang] if about.of else about.unit[lang]
    if about.table == "commendations" and (counted := _counted(figure, lang)):
        words = text("said-counted", lang, unit=counted, of=words)
    n = printing.plain(figure["uncovered"], 0, lang)
    return text("said-uncovered", lang, n=n, of=words)


def _counted(figure: Mapping[Any, Any], lang: Lang) -> str:
    """Return what was counted, lượt or người, as the rows of the figure say."""
    lineage = figure["lineage"]
    rows = frozenset(lineage.rows)
    found = {r["counted_as"] for r in lineage.ds.records("commendations") if r["row_id"] in rows}
    return ", ".join(text(f"unit-{code}", lang) for code in sorted(found))


def _coverage(figure: Mapping[Any, Any], lang: Lang) -> str:
    if not figure["expected"]:
        return ""
    complete = not figure["missing"] and not figure["lineage"].partial
    key = "said-coverage" if complete else "said-incomplete"
    return text(key, lang, reporting=figure["reporting"], expected=figure["expected"])
