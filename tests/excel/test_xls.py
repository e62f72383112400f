import struct
from contextlib import suppress
from pathlib import Path

import pytest

from thidua_analysis.excel import Limits, read, worker
from thidua_analysis.excel.binary_books import workbook_stream
from thidua_analysis.excel.cells import Refusal

HERE = Path(__file__).parent
SMALL = (HERE / "data" / "facts.xls").read_bytes()
LARGE = (HERE.parents[1] / "tests" / "sample" / "data" / "raw" / "2021" / "ccb.xls").read_bytes()


@pytest.mark.parametrize("data", [SMALL, LARGE])
def test_stream_of_the_workbook_starts_with_its_first_record(data: bytes) -> None:
    stream = workbook_stream(data)
    assert stream[:2] == b"\x09\x08"
    assert stream[-4:] == b"\x0a\0\0\0"


def sectors(data: bytes) -> tuple[int, int]:
    """Offsets of the FAT and of the mini FAT."""
    fat, mini = struct.unpack_from("<I", data, 0x4C)[0], struct.unpack_from("<I", data, 0x3C)[0]
    return (fat + 1) * 512, (mini + 1) * 512


@pytest.mark.parametrize("after", [None, 0x7FFFFFFF], ids=["in a circle", "out of the file"])
@pytest.mark.parametrize("data", [SMALL, LARGE])
def test_chain_of_sectors_that_leads_nowhere_is_damage(data: bytes, after: int | None) -> None:
    for table in sectors(data)[: 1 if data is LARGE else 2]:
        astray = bytearray(data)
        for n in range(128):
            struct.pack_into("<I", astray, table + 4 * n, n if after is None else after)
        with suppress(OSError):
            assert len(workbook_stream(bytes(astray))) <= len(data)
        assert not read(bytes(astray), "a.xls", Limits(worker_bytes=400_000_000)).workbook


def test_container_without_a_workbook_is_damage() -> None:
    with pytest.raises(Refusal):
        workbook_stream(LARGE.replace("Workbook".encode("utf-16-le"), b"x\0" * 8))


def test_workbook_behind_a_password_is_named_as_that() -> None:
    # a FILEPASS record in the place of the first record after the BOF
    stream = workbook_stream(LARGE)
    offset = LARGE.index(stream[:64])
    first = struct.unpack_from("<H", stream, 2)[0] + 4
    locked = bytearray(LARGE)
    size = struct.unpack_from("<H", locked, offset + first + 2)[0]
    struct.pack_into("<HH", locked, offset + first, 0x2F, size)
    (found,) = read(bytes(locked), "a.xls").findings
    assert found.code == "file-encrypted"


def test_links_to_other_workbooks_are_named_and_not_followed() -> None:
    (found,) = read((HERE / "data" / "link.xls").read_bytes(), "a.xls").findings
    assert (found.code, found.params) == ("external-links", {"what": "tong hop.ods"})


def test_values_without_facts_are_a_warning(monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ValueError

    monkeypatch.setattr("xlrd.open_workbook", refuse)
    known = worker._read("xls", LARGE, Limits())
    assert not known.has_facts
    assert known.sheets[0].name == "Thông tin"

    monkeypatch.setattr("thidua_analysis.excel.worker.read_isolated", lambda *_: known)
    reading = read(LARGE, "a.xls")
    assert reading.workbook
    (found,) = reading.findings
    assert (found.code, found.severity) == ("reader-fallback", "warning")


def test_both_readers_of_xls_agree(monkeypatch) -> None:
    usual = [worker._read("xls", data, Limits()) for data in (SMALL, LARGE)]

    def refuse(*_: object, **__: object) -> None:
        raise ValueError

    monkeypatch.setattr("xlrd.open_workbook", refuse)
    for book, data in zip(usual, (SMALL, LARGE), strict=True):
        other = worker._read("xls", data, Limits())
        for one, bare in zip(book.sheets, other.sheets, strict=True):
            assert list(one.filled()) == list(bare.filled())
            assert (one.hidden, one.merges) == (bare.hidden, bare.merges)
