"""Proposals in messages: what the sender may have meant. They never decide anything."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from thidua_analysis.vietnamese.text import key

_AT_LEAST = 75


def nearest(text: str, accepted_texts: Iterable[str]) -> str | None:
    """The at most two accepted texts that look most like a text, parted by ``"; "``."""
    return _nearest(text, tuple(accepted_texts))


@lru_cache(maxsize=4096)
def _nearest(text: str, accepted_texts: tuple[str, ...]) -> str | None:
    from rapidfuzz import fuzz, process  # only needed where something is wrong

    different = {key(one): one for one in reversed(accepted_texts)}
    scored = process.extract(
        text, list(different.values()), scorer=fuzz.ratio, processor=str.casefold, limit=2
    )
    return "; ".join(best for best, score, _ in scored if score >= _AT_LEAST) or None


def accepted(texts: Iterable[str], most: int = 8) -> str:
    """A list of accepted texts for a message."""
    listed = list(texts)
    return "; ".join(listed[:most]) + ("; …" if len(listed) > most else "")
