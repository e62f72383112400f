"""What the words of a row say about it: a total, a section, a remark, a signature."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import resources

from thidua_analysis.form import config
from thidua_analysis.form.config import Entry
from thidua_analysis.vietnamese.cell_text import Text, read_text
from thidua_analysis.vietnamese.legacy import convert, may_be_legacy, tables
from thidua_analysis.vietnamese.text import clean, key

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


_LONGEST_LABEL = 80
_LONGEST_TEXT = 200
#: so many letters of a wording are enough to pass over most other texts
_OPENING_LETTERS = 4

_PART = r"(?:[ivxlc]+|[a-zđ]|\d+)"
_ANY, _NUMBER = ".{0,80}", r"[\d.…]+"
#: words that follow a wording, never a longer word than it ends in
_MORE = rf"(?!\w){_ANY}"


class _Wordings(Entry):
    """What ``signs.toml`` says."""

    total: tuple[str, ...]
    parts: tuple[str, ...]
    weak_total: tuple[str, ...]
    signature: tuple[str, ...]
    signatory: tuple[str, ...]
    remark: tuple[str, ...]
    title: tuple[str, ...]
    table_title: tuple[str, ...]
    draft: tuple[str, ...]
    weak_draft: tuple[str, ...]
    nothing: tuple[str, ...]

    def all(self) -> Iterator[str]:
        """Every wording by which a row may be told."""
        yield from (*self.total, *self.weak_total, *self.signature, *self.remark, *self.nothing)
        yield from self.table_title


@cache
def _wordings() -> _Wordings:
    file = resources.files(__package__) / "signs.toml"
    return config.parse(_Wordings, file.read_text(encoding="utf-8"), file.name)


def _pattern(wordings: Iterable[str]) -> str:
    """Regular expression of several wordings, the longest first."""
    escaped = (
        re.escape(w).replace(r"\ …", _MORE).replace("…", _ANY).replace(r"\#", _NUMBER)
        for w in wordings
    )
    return "|".join(sorted(escaped, key=len, reverse=True))


@cache
def _total() -> re.Pattern[str]:
    labels, parts = _pattern(_wordings().total), _pattern(_wordings().parts)
    several = rf"{_PART}(?:\s*[+,]\s*{_PART})*"
    return re.compile(
        rf"(?:{labels})(?:\s*\([^)]*\)?)?\s*:?"
        rf"|(?:{labels})\s*(?:{parts})?\s*\(?{several}\)?"
        rf"|(?:{labels})\s+(?:{parts})\s.{{1,60}}"
    )


@cache
def _signature() -> re.Pattern[str]:
    return re.compile(_pattern(_wordings().signature))


@cache
def _weak_total() -> re.Pattern[str]:
    return re.compile(_pattern(_wordings().weak_total))


@cache
def _signatory() -> re.Pattern[str]:
    return re.compile(_pattern(_wordings().signatory))


@cache
def _title() -> re.Pattern[str]:
    return re.compile(_pattern(_wordings().title))


@cache
def _table_title() -> re.Pattern[str]:
    return re.compile(_pattern(_wordings().table_title))


@cache
def _nothing() -> re.Pattern[str]:
    return re.compile(_pattern(_wordings().nothing))


@cache
def _opening() -> re.Pattern[str]:
    """How texts begin that say something, also behind a number or a bracket."""
    first = {w.partition("#")[0][:_OPENING_LETTERS] for w in _wordings().all() if w[0] != "…"}
    return re.compile(
        # spaces are taken whole (*+): long runs of them are not tried again from every place
        r"\s*+(?:[-–+•]+\s*+)?"
        r"(?:(?:\(?(?:[ivx]+|[a-zđ]|\d[\d.]*)\)?\s*+(?:[.:)\-–/]\s*+)?)?"
        rf"\(?(?:{'|'.join(map(re.escape, sorted(first)))})"
        r"|\(?(?:[ivx]+|[a-zđ])\)?(?:[.:)\-–/]|\s*+$))"
    )


@cache
def _within() -> tuple[str, ...]:
    """What stands inside texts that begin with any words."""
    return tuple(w.strip("…").partition("#")[0] for w in _wordings().all() if w[0] == "…")


_NUMBERING = re.compile(
    r"^\(?(?:([ivx]+)|([a-zđ])|(\d+(?:\.\d+)*))\)?\s*(?:[.:)\-–/]\s*|(?<=[.)])\s*)", re.IGNORECASE
)
_ORDINAL = re.compile(r"\(?(?:([ivx]+)|([a-zđ])|(\d+(?:\.\d+)*))\)?[.)]?", re.IGNORECASE)
_COLUMN_NUMBER = re.compile(r"\(?\s*([a-zđ]|\d{1,2})\s*\)?(?:\s*=.*)?", re.IGNORECASE)

_PLAIN_NUMBER = re.compile(r"\s*(?!(?:19|20)\d\d\s*$)\d[\d.,]{2,}\s*")
_SECTION_NUMBER = re.compile(r"\(?(?:[IVX]+|[A-ZĐ])\)?[.)]?")

#: rank of a section that bears no number: below every numbered one
UNNUMBERED = 9


def may_say(folded: str) -> bool:
    """Whether a text in small letters begins like one that says what its row is."""
    return _opening().match(folded) is not None or any(part in folded for part in _within())


@lru_cache(maxsize=1 << 14)
def says_something(raw: str) -> bool:
    """Whether a text may say what its row is; ordinary names and labels do not.

    It is True for every text that one of the functions here knows, in any spelling, and for the
    numbers of sections.
    """
    if not may_say(raw.casefold()) and not UNUSUAL.search(raw):
        return False
    tests = (
        is_total,
        is_weak_total,
        is_signature,
        is_remark,
        says_nothing,
        is_section_number,
        is_table_title,
    )
    return section_rank(raw) <= 1 or any(test(raw) for test in tests)


@lru_cache(maxsize=1 << 12)
def is_total(text: str) -> bool:
    """Whether a text labels a row of totals ("Tổng cộng", "Cộng mục I", "Tổng điểm")."""
    bare = key(_NUMBERING.sub("", text))
    return len(bare) <= _LONGEST_LABEL and _total().fullmatch(bare) is not None


def is_weak_total(text: str) -> bool:
    """Whether a text labels a total unless the row says more ("Toàn tỉnh")."""
    bare = key(_NUMBERING.sub("", text))
    return len(bare) <= _LONGEST_LABEL and _weak_total().fullmatch(bare) is not None


@lru_cache(maxsize=1 << 12)
def is_signature(text: str) -> bool:
    """Whether a text belongs to the block of signatures under a table."""
    return len(text) <= _LONGEST_TEXT and _signature().fullmatch(key(text)) is not None


@lru_cache(maxsize=1 << 12)
def is_signatory(text: str) -> bool:
    """Whether a text names the office of somebody, who may have signed."""
    return len(text) <= _LONGEST_LABEL and _signatory().fullmatch(key(text)) is not None


@lru_cache(maxsize=1 << 12)
def is_remark(text: str) -> bool:
    """Whether a text is a remark under the table ("Ghi chú: …", "(*) …", "1. Số liệu trên …")."""
    folded = clean(text).casefold()
    bare = _NUMBERING.sub("", folded.lstrip("-–+•* "))
    return any(one.startswith(_wordings().remark) for one in (folded, bare))


def is_title(text: str) -> bool:
    """Whether a text stands beside labels as a title does ("Nội dung", "Kính gửi: …")."""
    return _title().fullmatch(key(text)) is not None


@lru_cache(maxsize=1 << 12)
def is_table_title(text: str) -> bool:
    """Whether a text is the title of a table ("Biểu số 2: …", "II. KẾT QUẢ KHEN THƯỞNG")."""
    bare = key(_NUMBERING.sub("", text))
    return len(text) <= _LONGEST_TEXT and _table_title().fullmatch(bare) is not None


def is_draft(words: str) -> bool:
    """Whether the name of a sheet, its words in small letters, says draft or copy."""
    return any(f" {one} " in f" {words} " for one in _wordings().draft)


def without_draft(words: str) -> str | None:
    """What is left of a sheet's name without a word that may say draft; None without one."""
    for one in _wordings().weak_draft:
        rest = words.removesuffix(f" {one}").removeprefix(f"{one} ")
        if words == one or rest != words:
            return "" if words == one else rest
    return None


@lru_cache(maxsize=1 << 12)
def says_nothing(text: str) -> bool:
    """Whether a text says that there is nothing to report ("Không phát sinh")."""
    return len(text) <= _LONGEST_TEXT and _nothing().fullmatch(key(text)) is not None


def is_ordinal(text: str) -> bool:
    """Whether a text only numbers its row: "1", "I", "a)", "1.2."."""
    return len(text) < 12 and _ORDINAL.fullmatch(text.strip()) is not None


def is_plain_number(text: str) -> bool:
    """Whether a text is all digits, and neither a year nor short as an ordinal."""
    return _PLAIN_NUMBER.fullmatch(text) is not None


def is_section_number(text: str) -> bool:
    """Whether a text is the number of a section alone: "I", "II.", "A"."""
    return len(text) < 8 and _SECTION_NUMBER.fullmatch(text.strip()) is not None


def column_number(text: str) -> str | None:
    """Number or letter of a column, as in the row "A B C 1 2 3" or "(1) (2)"."""
    found = _COLUMN_NUMBER.fullmatch(text.strip())
    return found[1] if found else None


def section_text(text: str) -> str:
    """Text of a section row without its numbering: "I. CẤP TỈNH" → "CẤP TỈNH"."""
    return _NUMBERING.sub("", text).strip()


def section_rank(text: str, ordinal: str = "") -> int:
    """How high a section stands by its numbering: A, then I, then 1, then a.

    Parameters
    ----------
    text
        Text of the section row.
    ordinal
        What stands in the column of ordinals beside it.
    """
    found = _ORDINAL.fullmatch(ordinal.strip()) if ordinal.strip() else _NUMBERING.match(text)
    if not found:
        return UNNUMBERED
    roman, letter, digits = found.groups()
    if roman and roman.isupper():
        return 1
    if letter or roman:
        return 0 if (letter or roman).isupper() else 8
    return 2 + min(str(digits).count("."), 5)
