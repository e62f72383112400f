"""The one way from a cell's raw text to text that can be stored, or to a finding."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from thidua_analysis.vietnamese.legacy import Runs, detect, detect_runs, may_be_legacy
from thidua_analysis.vietnamese.syllables import has_lost, mojibake
from thidua_analysis.vietnamese.text import REMEMBERED, clean, repair_lookalikes


class Text(NamedTuple):
    """Text read from a cell.

    ``value`` is None where ``code`` is an error; ``suggestion`` is what the text may have been.
    """

    value: str | None
    code: str | None = None
    suggestion: str | None = None


def _damaged(raw: str) -> Text | None:
    if has_lost(raw):
        return Text(None, "text-lost")
    proposal = mojibake(raw)
    return Text(None, "text-mojibake", clean(proposal)) if proposal else None


def _legacy(raw: str, font: str | None, majority: str | None, runs: Runs) -> Text | None:
    if not may_be_legacy(raw):
        return None
    legacy = detect_runs(raw, runs, majority) if runs else detect(raw, font, majority)
    if legacy is None:
        return None
    converted = clean(legacy.text)
    if legacy.sure:
        return Text(converted, "text-converted")
    return Text(None, "text-legacy-unsure", converted)


def read_text(
    raw: str, font: str | None = None, majority: str | None = None, runs: Runs = ()
) -> Text:
    """Read the text of a cell: legacy conversion, composition, repair, invisible marks, spaces.

    Parameters
    ----------
    raw
        Text as stored in the file.
    font, majority, runs
        Needed only where `may_be_legacy`: name of the cell's font, the encoding for which most
        words of the sheet speak, and the parts of rich text as (text, font name).

    Returns
    -------
    Text
        With one of the codes ``text-converted``, ``text-lookalike`` (notes),
        ``text-legacy-unsure``, ``text-mojibake``, ``text-lost`` (errors), or none.
    """
    return (_read if len(raw) <= REMEMBERED else _read.__wrapped__)(raw, font, majority, runs)


@lru_cache(maxsize=1 << 16)
def _read(raw: str, font: str | None, majority: str | None, runs: Runs) -> Text:
    if raw.isascii() and "?" not in raw:
        return Text(clean(raw))
    found = _damaged(raw) or _legacy(raw, font, majority, runs)
    if found:
        return found
    repaired, changed = repair_lookalikes(clean(raw))
    return Text(repaired, "text-lookalike" if changed else None)
