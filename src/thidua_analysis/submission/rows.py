"""Row and Submission: what one file says; what the words of a row say about it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from thidua_analysis.findings import UNREADABLE, Finding
from thidua_analysis.form import config
from thidua_analysis.form.config import Entry
from thidua_analysis.messages import describe
from thidua_analysis.vietnamese.cell_text import convert, may_be_legacy, tables
from thidua_analysis.vietnamese.quantities import EXACT
from thidua_analysis.vietnamese.text import clean, key

if TYPE_CHECKING:
    from thidua_analysis.submission.texts import Correction

Datum = str | int | Decimal | dt.date | None


@dataclass(frozen=True, slots=True)
class Note:
    """What was typed beside a number: a bound ("trên"), a remark ("tăng 3")."""

    typed: str
    bound: str | None = None
    remark: str | None = None


class Row(Struct, frozen=True, gc=False):
    """One tidy row of a table of the form; ``row`` is its number on the sheet.

    ``values`` holds every field of the table: missing is None; counts are int, other numbers int
    or Decimal, money is in đồng, codes and members are ids. By field, ``cells`` are the addresses
    of the cells that hold the values, none for blanks and defaults; ``notes`` and ``typed`` (the
    text where it says something else than the value) are there only where needed; ``parts`` are
    the cells of the recipients that were counted.
    """

    table: str
    sheet: str
    row: int
    values: Mapping[str, Datum]
    cells: Mapping[str, str]
    notes: Mapping[str, Note] = {}
    typed: Mapping[str, str] = {}
    parts: Mapping[str, tuple[str, ...]] = {}


class Listed(NamedTuple):
    """Cells that are in no row and no finding: a range without others, why, and how many."""

    sheet: str
    range: str
    reason: str
    cells: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Where the cells of a file went: ``read`` = ``stored`` + ``reported`` + those listed."""

    read: int = 0
    stored: int = 0
    reported: int = 0
    listed: tuple[Listed, ...] = ()

    @property
    def outside(self) -> int:
        """Number of the cells that are listed."""
        return sum(one.cells for one in self.listed)


@dataclass(frozen=True, slots=True)
class Submission:
    """What one file says, and what is wrong with it."""

    path: str
    sha256: str
    form: str | None = None
    member: str | None = None
    year: int | None = None
    revision: int = 1
    period: str = "year"
    counted_as: str = "turns"
    as_of: dt.date | None = None
    illustrative: bool = False
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    #: field of `Thông tin` → sheet and cell of its value, where it stands in one
    said: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    #: filled cells of data rows in all tables, lists of recipients included
    cells_read: int = 0
    #: corrections that were applied, and those whose cell no longer shows the expected text
    corrected: tuple[Correction, ...] = ()
    stale: tuple[Correction, ...] = ()
    #: where every cell went, only where that was asked for
    tally: Tally | None = None

    @property
    def status(self) -> str:
        """One of ``ok``, ``warnings``, ``errors``, ``unreadable``."""
        if any(f.code in UNREADABLE for f in self.findings):
            return "unreadable"
        severities = {f.severity for f in self.findings}
        if "error" in severities:
            return "errors"
        return "warnings" if "warning" in severities else "ok"


def file_record(submission: Submission, lang: str) -> dict[str, Any]:
    """What `thidua check --json` says about one file."""
    return {
        "path": submission.path,
        "sha256": submission.sha256,
        "status": submission.status,
        "form": submission.form,
        "member": submission.member,
        "year": submission.year,
        "revision": submission.revision if submission.form else None,
        "rows": {table: len(rows) for table, rows in submission.rows.items()},
        "findings": [finding_record(f, lang) for f in submission.findings],
    }


def cells_record(tally: Tally) -> dict[str, Any]:
    """What `thidua check --all --json` adds: where every cell went, and those in no row."""
    counts = {name: getattr(tally, name) for name in ("read", "stored", "reported", "outside")}
    return {"tally": counts, "outside": [one._asdict() for one in tally.listed]}


def finding_record(found: Finding, lang: str) -> dict[str, Any]:
    """What the JSON says about one finding."""
    return {
        "code": found.code,
        "severity": found.severity,
        "sheet": found.sheet,
        "cell": found.cell,
        "heading": found.heading,
        "value": found.value,
        "message": describe(found, lang),
        "suggestion": found.suggestion,
    }


def row_records(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows of a table as `thidua rows --json` prints them."""
    return [_row_record(row) for row in rows]


#: what a note says, in the order of the JSON
_NOTED = ("bound", "remark", "typed")


def _row_record(row: Row) -> dict[str, Any]:
    record: dict[str, Any] = {name: plain(value) for name, value in row.values.items()}
    record["_row"] = {"sheet": row.sheet, "row": row.row}
    record["_cells"] = dict(row.cells)
    if row.notes:
        record["_notes"] = {
            name: {said: text for said in _NOTED if (text := getattr(note, said)) is not None}
            for name, note in row.notes.items()
        }
    return record


def plain(value: Datum) -> str | int | float | Decimal | None:
    """Return a value as JSON can hold it: dates in ISO, whole numbers without a point.

    A number with more digits than a float keeps stays a Decimal, which `print_json` writes out.
    """
    if isinstance(value, Decimal):
        if value == value.to_integral_value(context=EXACT):
            return int(value)
        short = float(value)
        return short if Decimal(repr(short)) == value else value
    return value.isoformat() if isinstance(value, dt.date) else value


_LONGEST_LABEL, _LONGEST_TEXT = 80, 200
_ANY, _NUMBER = ".{0,80}", r"[\d.…]+"
#: words that follow a wording, never a longer word than it ends in
_MORE = rf"(?!\w){_ANY}"
_PART = r"(?:[ivxlc]+|[a-zđ]|\d+)"

_NUMBERING = re.compile(
    r"^\(?(?:([ivx]+)|([a-zđ])|(\d+(?:\.\d+)*))\)?\s*(?:[.:)\-–/]\s*|(?<=[.)])\s*)", re.IGNORECASE
)
_ORDINAL = re.compile(r"\(?(?:([ivx]+)|([a-zđ])|(\d+(?:\.\d+)*))\)?[.)]?", re.IGNORECASE)
_COLUMN_NUMBER = re.compile(r"\(?\s*([a-zđ]|\d{1,2})\s*\)?(?:\s*=.*)?", re.IGNORECASE)
_PLAIN_NUMBER = re.compile(r"\s*(?!(?:19|20)\d\d\s*$)\d[\d.,]{2,}\s*")
_SECTION_NUMBER = re.compile(r"\(?(?:[IVX]+|[A-ZĐ])\)?[.)]?")

#: rank of a section that bears no number: below every numbered one
UNNUMBERED = 9


class _Wordings(Entry):
    """What ``row_words.toml`` says."""

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


@cache
def _wordings() -> _Wordings:
    return config.packaged(_Wordings, __package__, "row_words.toml")["row_words.toml"]


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    """Regular expression of the wordings of one kind, the longest first."""
    escaped = (
        re.escape(w).replace(r"\ …", _MORE).replace("…", _ANY).replace(r"\#", _NUMBER)
        for w in getattr(_wordings(), kind)
    )
    return re.compile("|".join(sorted(escaped, key=len, reverse=True)))


@cache
def _total() -> re.Pattern[str]:
    labels, parts = _pattern("total").pattern, _pattern("parts").pattern
    several = rf"{_PART}(?:\s*[+,]\s*{_PART})*"
    return re.compile(
        rf"(?:{labels})(?:\s*\([^)]*\)?)?\s*:?"
        rf"|(?:{labels})\s*(?:{parts})?\s*\(?{several}\)?"
        rf"|(?:{labels})\s+(?:{parts})\s.{{1,60}}"
    )


@lru_cache(maxsize=1 << 15)
def _says(kind: str, text: str, longest: int = _LONGEST_TEXT) -> bool:
    if len(text) > longest:
        return False
    pattern = _total() if kind == "total" else _pattern(kind)
    return pattern.fullmatch(key(text)) is not None


def is_total(text: str) -> bool:
    """Whether a text labels a row of totals ("Tổng cộng", "Cộng mục I", "Tổng điểm")."""
    return _says("total", key(section_text(text)), _LONGEST_LABEL)


def is_weak_total(text: str) -> bool:
    """Whether a text labels a total unless the row says more ("Toàn tỉnh")."""
    return _says("weak_total", key(section_text(text)), _LONGEST_LABEL)


def is_signature(text: str) -> bool:
    """Whether a text belongs to the block of signatures under a table."""
    return _says("signature", text)


def is_signatory(text: str) -> bool:
    """Whether a text names the office of somebody, who may have signed."""
    return _says("signatory", text, _LONGEST_LABEL)


@lru_cache(maxsize=1 << 12)
def is_remark(text: str) -> bool:
    """Whether a text is a remark under the table ("Ghi chú: …", "(*) …", "1. Số liệu trên …")."""
    folded = clean(text).casefold()
    bare = _NUMBERING.sub("", folded.lstrip("-–+•* "))
    return any(one.startswith(_wordings().remark) for one in (folded, bare))


def is_title(text: str) -> bool:
    """Whether a text stands beside labels as a title does ("Nội dung", "Kính gửi: …")."""
    return _says("title", text)


def is_table_title(text: str) -> bool:
    """Whether a text is the title of a table ("Biểu số 2: …", "II. KẾT QUẢ KHEN THƯỞNG")."""
    return len(text) <= _LONGEST_TEXT and _says("table_title", section_text(text))


def says_nothing(text: str) -> bool:
    """Whether a text says that there is nothing to report ("Không phát sinh")."""
    return _says("nothing", text)


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


@lru_cache(maxsize=1 << 14)
def section_text(text: str) -> str:
    """Text of a section row without its numbering: "I. CẤP TỈNH" → "CẤP TỈNH"."""
    return _NUMBERING.sub("", text).strip()


def section_rank(text: str, ordinal: str = "") -> int:
    """How high a section stands by its numbering, or by the ordinal beside it: A, I, 1, a."""
    found = _ORDINAL.fullmatch(ordinal.strip()) if ordinal.strip() else _NUMBERING.match(text)
    if not found:
        return UNNUMBERED
    roman, letter, digits = found.groups()
    if roman and roman.isupper():
        return 1
    if letter or roman:
        return 0 if (letter or roman).isupper() else 8
    return 2 + min(str(digits).count("."), 5)


def readings(raw: str) -> Iterator[str]:
    """Texts that a cell may hold: as stored and, where it may be, converted from old encodings."""
    yield raw
    if may_be_legacy(raw):
        for encoding in tables():
            yield convert(raw, encoding)
