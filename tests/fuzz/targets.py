"""What is fuzzed: a target takes bytes, and raises where the program is at fault."""

import math
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path, PurePath
from unittest.mock import patch

from thidua_analysis.excel import reader, worker
from thidua_analysis.excel.binary_books import read_xls, read_xlsb
from thidua_analysis.excel.cells import Limits, Refusal, damaged, is_blank, position
from thidua_analysis.excel.number_formats import date_kind, from_serial, is_telling, own_code, shown
from thidua_analysis.findings import CODES, UNREADABLE
from thidua_analysis.form.bloc import load_bloc
from thidua_analysis.form.forms import forms
from thidua_analysis.messages import describe
from thidua_analysis.submission.accounting import account
from thidua_analysis.submission.headings import Heading, leaf_key, match, may_mean
from thidua_analysis.submission.reading import read_bytes, read_workbook
from thidua_analysis.vietnamese import cell_text, display, numbers, quantities
from thidua_analysis.vietnamese.text import clean, half_width, key, sort_key

ROOT = Path(__file__).parents[2]
#: bounds that small files can reach
LIMITS = Limits(
    file_bytes=2_000_000, part_bytes=2_000_000, total_bytes=4_000_000, ratio_from_bytes=200_000,
    cells=50_000, text_characters=2_000_000, merges=2_000, rewritten_bytes=500_000,
    worker_seconds=10, worker_bytes=1_000_000_000,
)  # fmt: skip
#: every so many inputs are read twice, or by the worker process
SECOND, ISOLATED = 8, 10_000
#: kind, unit, scale of the heading, and whether the column has decimals with a point
COLUMNS = (
    ("count", None, 1, False), ("count", "suất quà", 1, False), ("number", None, 1, False),
    ("number", "triệu đồng", 1, True), ("money", None, 10**6, False), ("money", "đồng", 1, True),
    ("percent", None, 1, False), ("rank", None, 1, False), ("number", "điểm", 1, True),
)  # fmt: skip
FONTS, MAJORITIES = (None, ".VnTime", ".VnTimeH", "VNI-Times", "Arial"), (None, "tcvn3", "vni")


def _typed(data: bytes) -> str:
    """Text of a cell; a workbook may hold half a surrogate pair too."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "ignore")


def _lengthened(data: bytes, typed: str) -> str:
    """Now and then as long as a cell can be: what grows with the square shows by its time."""
    return (typed * 32_767)[:32_767] if zlib.crc32(data) % 256 == 0 else typed


def typed_numbers(data: bytes) -> None:
    """A number is exact and prints back to itself; what has two readings has no value."""
    kind, unit, scale, dots = COLUMNS[data[0] % len(COLUMNS)] if data else COLUMNS[0]
    typed = _typed(data[1:])
    found = numbers.parse(typed, kind, unit, scale, dots)
    column = quantities.column(kind, unit, scale, dots)
    stripped = typed.strip()
    if len(stripped) <= numbers.LONGEST:
        assert found == numbers._parse.__wrapped__(stripped, column), "two readings"
    assert {code for code, _ in found.codes} <= CODES.keys()
    is_wrong = any(severity == "error" for _, severity in found.codes)
    assert (found.value is None) == (is_wrong or found.missing), "a silent value, or none"
    assert (found.suggestion or "").count("; ") < 2
    if found.value is not None:
        _value_holds(found, column, typed)


def _value_holds(found: numbers.Number, column: quantities.Column, typed: str) -> None:
    value = found.value
    assert type(value) is int or (type(value) is Decimal and value.is_finite()), value
    assert type(value) is int or value != int(value), "a whole number is an int"
    assert not column.is_whole or (type(value) is int and value >= 0)
    bare = half_width(typed)
    if re.fullmatch(r"[0-9][0-9.,]*", bare) and not found.codes:
        vietnamese = Decimal(bare.replace(".", "").replace(",", "."))
        scale = column.unit.scale if column.kind == "money" else 1
        assert Fraction(value) == Fraction(vietnamese) * scale, "read as nobody does here"
        has_two = column.dot_decimals and re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", bare)
        assert not has_two, "one of two readings"
    printed = display.number(value, quantities.places(value))
    if len(printed) < 100 and column.kind != "rank":
        again = numbers.parse(printed, "number").value
        assert again == value, (printed, again)


def dates(data: bytes) -> None:
    """A date has the day, month and year of its text in that order, or in that of ISO."""
    typed = _typed(data)
    found = display.parse_date(typed, 2023)
    assert found == display._parse_text.__wrapped__(typed.strip(), 2023) or len(typed) > 200
    assert found.code is None or found.code in CODES
    assert sum((found.value is not None, found.missing, found.code is not None)) in (1, 2)
    assert found.value is None or not (found.missing or found.code)
    if found.value:
        said = [int(number) for number in re.findall("[0-9]+", half_width(typed))[:3]]
        parts = [found.value.day, found.value.month, found.value.year]
        assert said in (parts, parts[::-1]), (typed, found)
        assert display.parse_date(display.date(found.value)).value == found.value
    if found.suggestion:
        assert display.parse_date(found.suggestion).value, found
    display.column_swapped([typed, found.value, typed[::-1]])


def texts(data: bytes) -> None:
    """A text is stored clean, and stays what it is when it is read again."""
    way, typed = data[0] if data else 0, _lengthened(data, _typed(data[1:]))
    font, majority = FONTS[way % 5], MAJORITIES[way // 5 % 3]
    half = len(typed) // 2
    runs = ((typed[:half], font), (typed[half:], FONTS[way // 30 % 5])) if way // 15 % 2 else ()
    found = cell_text.read_text(typed, font, majority, runs)
    assert found == cell_text._read.__wrapped__(typed, font, majority, runs)
    is_value = found.code in (None, "text-converted", "text-lookalike")
    assert (found.value is not None) == is_value
    assert found.code is None or found.code in CODES
    if found.value is not None:
        assert found.value == clean(found.value), "not clean"
        assert found.code or clean(typed) == found.value, "changed in silence"
    assert key(key(typed)) == key(typed)
    assert leaf_key(leaf_key(typed)) == leaf_key(typed)
    sort_key(typed)
    field = display.csv_field(typed)
    assert not display.is_risky(field)
    assert display.csv_field(field) == field


def headings(data: bytes) -> None:
    """A heading means fields of its table, however its letters are composed."""
    lines = [_lengthened(data, line) for line in _typed(data).split("\n")[:4]]
    for table in (table for form in forms().values() for table in form.tables):
        found = match(table, Heading(1, len(lines), tuple(lines)), 2023)
        if found:
            assert set(found.fields) <= table.by_name.keys()
            assert found.scale is None or quantities.column("money", None, found.scale)
        assert set(may_mean(table, lines[-1])) <= table.by_name.keys()


def number_formats(data: bytes) -> None:
    """What a cell shows of its number has the digits of the number."""
    (value,) = struct.unpack("<d", data[:8].ljust(8, b"\0"))
    code = own_code(_typed(data[8:]))
    from_serial(value, code, date_1904=bool(data[:1] > b"\x7f"))
    read = numbers.from_cell(value, "number", percent_format=date_kind(code) is None)
    assert read.value is None or Decimal(read.value).is_finite()
    if not is_telling(code):
        return
    found = shown(value, code)
    assert found == shown.__wrapped__(value, code)
    shown("tên đơn vị", code)
    if found.text is None or not re.search("[0-9]", found.text) or not math.isfinite(value):
        return
    exact = numbers.as_shown(value) if value != int(value) else int(value)
    digits = re.sub("[^0-9]", "", f"{exact:f}").strip("0")
    assert digits in re.sub("[^0-9]", "", found.text), (code, value, found.text)


def gate(data: bytes) -> None:
    """What passes is bounded, has no document type, and no name leads out of it."""
    try:
        package = reader.admit(data, LIMITS)
    except Refusal as refusal:
        _says(refusal.finding())
        return
    assert sum(map(len, package.parts.values())) <= LIMITS.total_bytes * 2
    assert not any(re.search(r"\\|\0|^/|(^|/)\.\.(/|$)", name) for name in package.names)
    markup = (part for name, part in package.parts.items() if name.endswith((".xml", ".rels")))
    assert not any(b"<!DOCTYPE" in part or b"<!ENTITY" in part for part in markup)
    for found in reader.remarks(package, "a.xlsx"):
        _says(found)


def _says(found) -> None:
    """A finding has a known code and words in both languages."""
    assert found.code in CODES
    assert all(describe(found, lang) for lang in ("vi", "en"))


def _as_worker(kind: str, data: bytes, limits: Limits):
    """Read in this process what a worker reads; what it makes no sense of is damage."""
    try:
        book = (read_xls if kind == "xls" else read_xlsb)(data, limits)
    except Refusal:
        raise
    except Exception as error:
        raise damaged(type(error).__name__) from error
    return worker.loaded(worker.dumped(book))


def workbook(data: bytes) -> reader.Reading:
    """A file is a workbook within its bounds, or a finding says why not; twice it is the same."""
    if zlib.crc32(data) % ISOLATED == 0:
        isolated = reader.read(data, "a.xlsx", LIMITS)
        assert (isolated.workbook is None) == any(f.code in UNREADABLE for f in isolated.findings)
    with patch.object(worker, "read_isolated", _as_worker):
        reading = reader.read(data, "a.xlsx", LIMITS)
        again = reader.read(data, "a.xlsx", LIMITS) if zlib.crc32(data) % SECOND == 0 else reading
    assert again.findings == reading.findings
    book = reading.workbook
    assert (book is None) == any(found.code in UNREADABLE for found in reading.findings)
    for found in reading.findings:
        _says(found)
        failed = found.code == "reader-failed" and not found.params["what"].startswith(">")
        assert not failed, found.params
    if book:
        assert again is reading or worker.dumped(again.workbook) == worker.dumped(book)
        for sheet in book.sheets:
            _sheet_holds(sheet)
    return reading


def _sheet_holds(sheet) -> None:
    box = len(sheet.rows) * max(map(len, sheet.rows), default=0)
    assert box <= LIMITS.cells, "beyond the bound"
    facts = (sheet.errors, sheet.uncalculated, sheet.percents, sheet.unlike, sheet.stored)
    assert all(row > 0 < column for named in facts for row, column in named)
    assert all(is_blank(sheet.value(*at)) for at in sheet.errors), "an error with a value"
    assert all(m.top <= m.bottom and m.left <= m.right for m in sheet.merges)


@cache
def _bloc():
    return load_bloc(ROOT / "tests" / "sample" / "data")


def submission(data: bytes) -> None:
    """No cell of a file is lost, no finding leads astray, no value is without its cell."""
    book = workbook(data).workbook
    if book is None:
        return
    name = PurePath("2023/mttq.xlsx")
    reading = read_workbook(book, name, _bloc())
    sheets = {sheet.name: sheet for sheet in book.sheets}
    for found in reading.found:
        _says(found)
        if found.cell:
            _stands_on(sheets[found.sheet], found.cell)
    for row in (row for rows in reading.rows.values() for row in rows):
        values = [value for value in row.values.values() if isinstance(value, Decimal | float)]
        assert all(type(value) is Decimal and value.is_finite() for value in values)
        for cell in row.cells.values():
            _stands_on(sheets[row.sheet], cell)
    lost = [place for place, went in account(reading).items() if went == "lost"]
    assert not lost, lost[:5]
    if zlib.crc32(data) % SECOND == 0:
        with patch.object(worker, "read_isolated", _as_worker):
            made = [read_bytes(data, name, _bloc(), limits=LIMITS, every_cell=True) for _ in "12"]
        assert not any(f.code == "reader-failed" for f in made[0].findings)
        assert asdict(made[0]) == asdict(made[1])


def _stands_on(sheet, cell: str) -> None:
    row, column = position(cell)
    marked = [*sheet.errors, *sheet.uncalculated, *sheet.covered]
    bottoms = [len(sheet.rows), *(r for r, _ in marked), *(m.bottom for m in sheet.merges)]
    width = max(map(len, sheet.rows), default=0)
    rights = [width, *(c for _, c in marked), *(m.right for m in sheet.merges)]
    within = row <= max(bottoms) and column <= max(rights)
    assert row > 0 < column, cell
    assert within, (sheet.name, cell)


Target = Callable[[bytes], object]
#: by name, which is also that of the folder of what made it fail
TARGETS: dict[str, Target] = {
    "numbers": typed_numbers,
    "dates": dates,
    "texts": texts,
    "headings": headings,
    "number-formats": number_formats,
    "gate": gate,
    "xlsx": workbook,
    "ods": workbook,
    "xlsb": workbook,
    "xls": workbook,
    "submission": submission,
}
