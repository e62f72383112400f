"""Whatever a file holds, reading it ends with a status and a message, never with an exception."""

import io
import zipfile
from pathlib import Path, PurePath

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thidua_analysis import excel
from thidua_analysis.findings import CODES, UNREADABLE
from thidua_analysis.messages import describe
from thidua_analysis.submission import read_bytes
from thidua_analysis.submission import rows as output
from thidua_analysis.submission.accounting import account
from thidua_analysis.submission.reading import read_workbook

RAW = Path(__file__).parents[2] / "tests" / "sample" / "data" / "raw"
XLSX = [p.read_bytes() for p in sorted(RAW.glob("2023/*.xlsx"))]
OLD = [p.read_bytes() for p in (RAW / "2023" / "ccb.xls", RAW / "2022" / "ldld.ods")]
NAME = PurePath("gửi/tệp.xlsx")
#: pieces of markup and text that turn a sheet into another
PIECES = (b"<v>", b"</c>", b'"', b"r=", b"0", b"9", b"\xff", b"&lt;", b't="s"', b" ", b"A")

quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def is_clean(submission):
    """Whether a status, known codes and messages came out, and JSON can be made of it all."""
    record = output.file_record(submission, "vi")
    assert submission.status in {"ok", "warnings", "errors", "unreadable"}
    assert {f.code for f in submission.findings} <= CODES.keys()
    assert all(describe(f, lang) for f in submission.findings for lang in ("vi", "en"))
    if any(f.code in UNREADABLE for f in submission.findings):
        assert (submission.status, record["rows"]) == ("unreadable", {})
    for table, rows in submission.rows.items():
        assert len(output.row_records(rows)) == record["rows"][table]
    return not any(f.code == "reader-failed" for f in submission.findings)


@st.composite
def damaged(draw, content):
    """A file with some of its bytes changed, lost or repeated."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(content) - 1, 0)))
        length = draw(st.integers(0, 40))
        new = draw(st.one_of(st.binary(max_size=8), st.sampled_from(PIECES)))
        content = content[:at] + new + content[at + length :]
    return content


@st.composite
def rewritten(draw):
    """A sound package one of whose sheets, or whose texts, have been damaged."""
    content = draw(st.sampled_from(XLSX))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(out, "w") as made:
        parts = {name: package.read(name) for name in package.namelist()}
        inner = [n for n in parts if "/worksheets/sheet" in n or n.endswith("sharedStrings.xml")]
        wrong = draw(st.sampled_from(sorted(inner)))
        parts[wrong] = draw(damaged(parts[wrong]))
        for name, part in parts.items():
            made.writestr(name, part)
    return out.getvalue()


@given(content=st.binary(max_size=400))
@quick
def test_any_bytes_give_a_status(content, bloc):
    is_clean(read_bytes(content, NAME, bloc))


@given(content=st.sampled_from(XLSX).flatmap(damaged))
@quick
def test_a_damaged_workbook_gives_a_status(content, bloc):
    assert is_clean(read_bytes(content, NAME, bloc))


@given(content=rewritten())
@quick
def test_a_workbook_with_damaged_sheets_gives_a_status_and_loses_nothing(content, bloc):
    assert is_clean(read_bytes(content, NAME, bloc))
    book = excel.read(content, NAME.name).workbook
    if book:
        found = account(read_workbook(book, NAME, bloc))
        assert "lost" not in found.values()


@given(content=st.sampled_from(OLD).flatmap(damaged))
@settings(quick, max_examples=15)
def test_a_damaged_old_workbook_costs_itself_alone(content, bloc):
    is_clean(read_bytes(content, PurePath("tệp.xls"), bloc))
