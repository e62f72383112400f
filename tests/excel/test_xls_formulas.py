"""Results of formulas in .xls files; computed.xls is LibreOffice's, uncomputed.xls is xlwt's.

Both hold the same formulas. Other states are patched into them record by record.
"""

import struct
from pathlib import Path

import pytest

from thidua_analysis.excel import read
from thidua_analysis.excel.binary_books import uncalculated, workbook_stream, xls_records

HERE = Path(__file__).parent / "data"
COMPUTED = (HERE / "computed.xls").read_bytes()
UNCOMPUTED = (HERE / "uncomputed.xls").read_bytes()
#: =A1+B1 =SUM(A1:B1) =IF(A1>1,"","x") =A1-2 =ROUND(A1/B1,1)*100% =A1&"đ" =SUMIF(A1:B1,">9") =A1>B1
#: =NOW()*0 in row 2 of the first sheet
ROW = {(2, column) for column in range(1, 10)}
FORMULA, STRING, RECALC_ID, EOF = 0x06, 0x207, 0x1C1, 0x0A
EMPTY, ZERO = b"\3\0\0\0\0\0\xff\xff", bytes(8)


def patched(data, result=None, options=None, only=lambda _: True):
    """Stream of a workbook with other results and option bits in its formulas."""
    stream, found = bytearray(workbook_stream(data)), bytearray()
    for kind, start, end in xls_records(stream):
        if kind == FORMULA and only(struct.unpack_from("<H", stream, start + 2)[0] + 1):
            stream[start + 6 : start + 14] = result or stream[start + 6 : start + 14]
            if options is not None:
                stream[start + 14 : start + 16] = struct.pack("<H", options)
        found += stream[start - 4 : end]
    return bytes(found)


@pytest.mark.parametrize("name", ["computed.xls", "facts.xls", "link.xls"])
def test_every_result_of_libreoffice_counts(name):
    data = (HERE / name).read_bytes()
    assert not set().union(*uncalculated(workbook_stream(data)))


def test_a_computed_workbook_keeps_its_results():
    first, second = read(COMPUTED, "a.xls").workbook.sheets
    assert first.rows[1] == [5.0, 5.0, "", 0.0, 0.7, "2đ", 0.0, False, 0.0]
    assert second.rows == [[5.0]]
    assert not first.uncalculated | second.uncalculated


def test_formulas_of_a_program_that_does_not_compute_have_no_result():
    first, second = read(UNCOMPUTED, "a.xls").workbook.sheets
    assert first.uncalculated == ROW
    assert second.uncalculated == {(1, 1)}


def test_an_empty_text_is_a_result_of_a_program_that_computes():
    assert not set().union(*uncalculated(patched(COMPUTED, EMPTY)))
    # one formula has another result, so that they all were computed
    assert not set().union(*uncalculated(patched(UNCOMPUTED, ZERO, 0, lambda column: column == 8)))


def test_formulas_that_may_be_empty_are_no_proof():
    only_text = patched(COMPUTED, EMPTY, only=lambda column: column in (3, 6))
    assert not set().union(*uncalculated(only_text))


def test_zero_to_be_computed_on_opening_is_no_result_unless_others_are_there():
    assert uncalculated(patched(COMPUTED, ZERO, options=2)) == [ROW, {(1, 1)}]
    assert uncalculated(patched(COMPUTED, ZERO, options=3)) == [ROW, {(1, 1)}]
    some = patched(COMPUTED, ZERO, options=2, only=lambda column: column != 5)
    assert not set().union(*uncalculated(some))


@pytest.mark.parametrize("options", [0, 1])
def test_zero_may_well_be_the_result(options):
    assert not set().union(*uncalculated(patched(COMPUTED, ZERO, options)))


def test_results_do_not_count_in_a_workbook_to_be_computed_on_opening():
    stream = bytearray(workbook_stream(COMPUTED))
    (at,) = (start for kind, start, _ in xls_records(stream) if kind == RECALC_ID)
    stream[at + 4 : at + 8] = bytes(4)
    assert uncalculated(bytes(stream)) == [ROW, {(1, 1)}]


def test_results_do_not_count_in_a_sheet_saved_before_it_was_computed():
    stream = workbook_stream(COMPUTED)
    ends = [start - 4 for kind, start, _ in xls_records(stream) if kind == EOF]
    # the last sheet ends with the stream: nothing after it moves
    pending = stream[: ends[-1]] + struct.pack("<HHH", 0x5E, 2, 0) + stream[ends[-1] :]
    assert uncalculated(pending) == [set(), {(1, 1)}]


def test_a_stream_may_end_anywhere():
    stream = workbook_stream(UNCOMPUTED)
    for end in range(len(stream)):
        assert set().union(*uncalculated(stream[:end])) <= ROW | {(1, 1)}
