"""Text as nearly every cell holds it, told at a glance from what needs a closer look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from thidua_analysis.vietnamese.legacy import convert, may_be_legacy, tables
from thidua_analysis.vietnamese.reading import Text, read_text

#: anything but the letters of composed Vietnamese, digits and plain signs; "?" may be a lost letter
_USUAL = " ->@-~ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ–—“”‘’…"
UNUSUAL = re.compile(f"[^{_USUAL}]")
#: what must go or change before a text is stored
_NOT_PLAIN = re.compile(f"[^{_USUAL}]|^ |  | $")

#: two vowels that stand together in VNI ("Caù nhaân") and never in Unicode
_VNI = "[ae][à-ú]|o[âùúõ]|[uy][ùúõ]"
#: what makes more of a comparison form than small letters: years, brackets, loose tones, spaces,
#: and what may be another text altogether
_INTRICATE = re.compile(
    rf"(?:19|20)[0-9][0-9]|[(>:]|^ |  | $| [,/)]|/ |,[^\W\d_]|o[àáảãạèéẻẽẹ]|u[ỳýỷỹỵ]|{_VNI}"
)


@lru_cache(maxsize=1 << 15)
def usual_text(raw: str) -> Text:
    """Text of a cell on a sheet that holds no legacy text."""
    if not UNUSUAL.search(raw):
        return Text(" ".join(raw.split()))
    return read_text(raw)


@lru_cache(maxsize=1 << 12)
def is_plain(raw: str) -> bool:
    """Whether a text is stored as it is. All that `quick_key` gives a form of are."""
    return not _NOT_PLAIN.search(raw)


def quick_key(raw: str) -> str | None:
    """Comparison form of a text that needs nothing but small letters; None where it needs more."""
    if UNUSUAL.search(raw):
        return None
    folded = raw.casefold()
    return None if _INTRICATE.search(folded) else folded.strip(" .,:;*()")


def readings(raw: str) -> Iterator[str]:
    """Texts that a cell may hold: as stored and, where it may be, converted from old encodings."""
    yield raw
    if may_be_legacy(raw):
        for encoding in tables():
            yield convert(raw, encoding)
