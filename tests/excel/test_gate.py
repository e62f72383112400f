import csv
import io
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from thidua_analysis.excel import LIMITS, Limits, Reading, read
from thidua_analysis.findings import UNREADABLE

HOSTILE = Path(__file__).parents[1] / "hostile"
with (HOSTILE / "MANIFEST.csv").open(encoding="utf-8") as manifest:
    CASES = list(csv.DictReader(manifest))

ROW = '<row r="1"><c r="A1"><v>1</v></c></row>'


def codes(reading: Reading) -> list[str]:
    return [found.code for found in reading.findings]


def refusal(reading: Reading) -> tuple[str, str]:
    assert reading.workbook is None
    (found,) = (found for found in reading.findings if found.code in UNREADABLE)
    return found.code, found.params.get("what", found.params.get("kind", ""))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_hostile_workbook_is_refused_or_read_as_the_manifest_says(case: dict[str, str]) -> None:
    start = time.perf_counter()
    reading = read((HOSTILE / case["file"]).read_bytes(), case["file"])
    assert time.perf_counter() - start < 20
    found = set(codes(reading))
    assert (reading.workbook is None) == bool(found & UNREADABLE)
    if case["status"] != "any":
        assert (reading.workbook is None) == (case["status"] == "unreadable")
    if case["code"]:
        assert found & set(case["code"].split("|"))


def test_all_hostile_workbooks_together_stay_below_one_gibibyte() -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("only Linux tells the peak of one process")
    script = """
import resource, sys
from pathlib import Path
from thidua_analysis.excel import read
for path in sorted(Path(sys.argv[1]).iterdir()):
    read(path.read_bytes(), path.name)
# what RUSAGE_SELF says begins with the peak of the process that started this one
own = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
print(max(int(own), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
"""
    result = subprocess.run(
        [sys.executable, "-c", script, str(HOSTILE)], capture_output=True, text=True, check=True
    )
    assert result.stderr == ""
    assert int(result.stdout) < 1024**2  # KiB


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7 ...", "pdf"),
        (b"TT,Don vi,So luong\n1,A,2\n", "csv"),
        ("\ufeffTT;Đơn vị\n1;A\n".encode(), "csv"),
        ("TT\tĐơn vị\n1\tA\n".encode("utf-16"), "csv"),
        ("Kính gửi Ban Thi đua".encode(), "text"),
        (b"\r\n <HTML><body><table><tr><td>1</td></tr></table>", "html"),
        (b"<table border=1><tr><td>1</td></tr></table>", "html"),
        (
            b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
            b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "xml2003",
        ),
        (b'<?xml version="1.0"?><report/>', "xml"),
        (b"\xff\xd8\xff\xe0 photo", "image"),
        (b"{\\rtf1 text}", "rtf"),
        (b"\0" * 2000, "other"),
        (b"MZ\x90\0\3", "other"),
    ],
)
def test_file_that_is_no_spreadsheet_is_named_for_what_it_is(data: bytes, kind: str) -> None:
    reading = read(data, "báo cáo.xlsx")
    assert refusal(reading) == ("file-not-spreadsheet", kind)
    assert reading.kind == kind


def test_file_without_a_byte_is_empty() -> None:
    assert refusal(read(b"", "a.xlsx"))[0] == "file-empty"


def test_word_document_is_no_spreadsheet(parts, zipped) -> None:
    document = parts("")
    document["_rels/.rels"] = document["_rels/.rels"].replace("xl/workbook", "word/document")
    document["word/document.xml"] = "<document/>"
    assert refusal(read(zipped(document), "a.xlsx")) == ("file-not-spreadsheet", "docx")


def test_zip_of_workbooks_is_no_spreadsheet(zipped, bare) -> None:
    assert refusal(read(zipped({"a.xlsx": bare(ROW)}), "a.xlsx")) == ("file-not-spreadsheet", "zip")


def test_package_without_list_of_types_is_read_all_the_same(parts, zipped) -> None:
    members = parts(f"<sheetData>{ROW}</sheetData>")
    del members["[Content_Types].xml"]
    assert read(zipped(members), "a.xlsx").workbook


def test_digest_is_of_the_bytes_as_sent() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert read(b"", "a.xlsx").sha256 == empty


@pytest.mark.parametrize("name", ["a.xls", "a.ods", "a.csv", "a", "a.xlsx.pdf"])
def test_ending_that_belies_the_content_is_a_warning(name: str, bare) -> None:
    reading = read(bare(ROW), name)
    assert reading.workbook
    assert codes(reading) == ["wrong-extension"]
    assert reading.findings[0].params == {"extension": Path(name).suffix, "kind": "xlsx"}


@pytest.mark.parametrize("name", ["a.xlsx", "A.XLSX", "năm 2023.v2.xlsx", "a.xltx"])
def test_ending_of_the_right_family_is_no_finding(name: str, bare) -> None:
    assert codes(read(bare(ROW), name)) == []


# --- containers


@pytest.mark.parametrize(
    "name",
    ["../evil.xml", "xl/../../evil.xml", "/etc/passwd", "xl\\evil.xml", "C:/evil.xml"],
)
def test_member_name_that_leads_out_of_the_package_is_unsafe(name: str, parts, zipped) -> None:
    members = {**parts(f"<sheetData>{ROW}</sheetData>"), name: "x"}
    assert refusal(read(zipped(members), "a.xlsx")) == ("file-unsafe", f"name: {name}")


def test_two_members_that_differ_in_case_alone_are_unsafe(parts, zipped) -> None:
    members = {**parts(f"<sheetData>{ROW}</sheetData>"), "XL/Workbook.xml": "x"}
    assert refusal(read(zipped(members), "a.xlsx")) == ("file-unsafe", "duplicate: XL/Workbook.xml")


def test_data_before_the_first_member_is_unsafe(bare) -> None:
    ahead = io.BytesIO()
    with zipfile.ZipFile(ahead, "w") as container:
        container.writestr("innocent.txt", "x")
    assert refusal(read(ahead.getvalue() + bare(ROW), "a.xlsx")) == ("file-unsafe", "prefix")


def test_more_members_than_allowed_are_too_many(parts, zipped) -> None:
    members = {**parts(""), **{f"xl/media/{n}.txt": "" for n in range(1000)}}
    assert refusal(read(zipped(members), "a.xlsx"))[0] == "file-too-large"


def test_directory_of_millions_is_refused_before_it_is_parsed() -> None:
    data = b"PK\x03\x04" + b"PK\x01\x02" * 20_000 + b"PK\x05\x06" + bytes(18)
    assert refusal(read(data, "a.xlsx")) == ("file-too-large", "members > 1000")


def test_encryption_bit_means_a_password(bare) -> None:
    data = bytearray(bare(ROW))
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    assert refusal(read(bytes(data), "a.xlsx"))[0] == "file-encrypted"


def test_compression_that_no_office_program_uses_is_damage(parts, zipped) -> None:
    data = zipped(parts(f"<sheetData>{ROW}</sheetData>"), zipfile.ZIP_BZIP2)
    assert refusal(read(data, "a.xlsx"))[0] == "file-damaged"


def test_bytes_that_belie_their_checksum_are_damage(parts, zipped) -> None:
    data = zipped(parts(f"<sheetData>{ROW}</sheetData>"), zipfile.ZIP_STORED)
    assert refusal(read(data.replace(b"<v>1<", b"<v>7<"), "a.xlsx"))[0] == "file-damaged"


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.99])
def test_upload_that_was_cut_off_is_damage(keep: float, samples) -> None:
    data = next(path for path in samples if path.suffix == ".xlsx").read_bytes()
    assert refusal(read(data[: int(len(data) * keep)], "a.xlsx"))[0] == "file-damaged"


def test_comment_at_the_end_of_the_container_is_harmless(bare) -> None:
    data = io.BytesIO(bare(ROW))
    with zipfile.ZipFile(data, "a") as container:
        container.comment = "PK ghi chú".encode()
    assert codes(read(data.getvalue(), "a.xlsx")) == []


def test_inflated_bytes_are_counted_whatever_the_header_claims(parts, zipped) -> None:
    members = parts(f"<sheetData>{ROW}</sheetData>")
    members["xl/media/big.bin"] = b"\1\2\3\4\5" * 50_000
    data = bytearray(zipped(members))
    header = data.rindex(b"PK\x01\x02")
    assert struct.unpack_from("<I", data, header + 24)[0] == 250_000
    struct.pack_into("<I", data, header + 24, 10)
    small = Limits(part_bytes=100_000)
    assert refusal(read(bytes(data), "a.xlsx", small))[0] == "file-too-large"
    assert read(bytes(data), "a.xlsx").workbook


def test_parts_are_counted_together(parts, zipped) -> None:
    members = parts(f"<sheetData>{ROW}</sheetData>")
    members |= {f"xl/media/{n}.png": bytes(60_000) for n in range(3)}
    limits = Limits(part_bytes=100_000, total_bytes=150_000)
    assert refusal(read(zipped(members), "a.xlsx", limits))[0] == "file-too-large"


def test_high_ratio_matters_only_in_large_parts(parts, zipped) -> None:
    members = parts(f"<sheetData>{ROW}</sheetData>")
    members["xl/media/blank.bmp"] = bytes(3_000_000)
    data = zipped(members)
    assert read(data, "a.xlsx").workbook
    strict = Limits(ratio_from_bytes=1_000_000)
    assert refusal(read(data, "a.xlsx", strict)) == (
        "file-too-large",
        "ratio > 100: xl/media/blank.bmp",
    )


def test_file_larger_than_allowed_is_not_looked_into(bare) -> None:
    assert refusal(read(bare(ROW), "a.xlsx", Limits(file_bytes=100)))[0] == "file-too-large"


def test_deflate_stream_without_end_is_damage(parts, zipped) -> None:
    members = parts(f"<sheetData>{ROW}</sheetData>")
    squeezed = zlib.compressobj(wbits=-15)
    stream = squeezed.compress(b"<a>" * 1000) + squeezed.flush(zlib.Z_SYNC_FLUSH)
    data = bytearray(zipped({**members, "xl/theme.xml": stream}, zipfile.ZIP_STORED))
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", data, data.rindex(mark) + offset, zipfile.ZIP_DEFLATED)
    assert refusal(read(bytes(data), "a.xlsx")) == ("file-damaged", "xl/theme.xml")


# --- document types

DTD = '<!DOCTYPE x [<!ENTITY a "b">]>'


@pytest.mark.parametrize(
    "name",
    [
        "xl/workbook.xml",
        "xl/worksheets/sheet0.xml",
        "_rels/.rels",
        "xl/styles.xml",
        "customXml/1.xml",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_document_type_is_unsafe_in_any_part_and_encoding(
    name: str, encoding: str, parts, zipped
) -> None:
    members = parts(f"<sheetData>{ROW}</sheetData>")
    members[name] = (DTD + str(members.get(name, "<x/>"))).encode(encoding)
    assert refusal(read(zipped(members), "a.xlsx")) == ("file-unsafe", f"DTD: {name}")


def test_encoding_that_could_hide_a_document_type_is_not_read(parts, zipped) -> None:
    members = parts(f"<sheetData>{ROW}</sheetData>")
    sheet = str(members["xl/worksheets/sheet0.xml"])
    members["xl/worksheets/sheet0.xml"] = f'<?xml version="1.0" encoding="utf-7"?>{sheet}'
    assert refusal(read(zipped(members), "a.xlsx"))[0] == "file-damaged"


def test_words_of_a_document_type_in_a_cell_are_text(bare) -> None:
    text = "&lt;!DOCTYPE html&gt;"
    reading = read(bare(f'<row r="1"><c r="A1" t="str"><v>{text}</v></c></row>'), "a.xlsx")
    assert reading.workbook.sheets[0].value(1, 1) == "<!DOCTYPE html>"


# --- what is not followed


@pytest.mark.parametrize("name", ["xl/vbaProject.bin", "xl/macrosheets/sheet1.xml"])
def test_macros_are_named_and_not_run(name: str, parts, zipped) -> None:
    members = {**parts(f"<sheetData>{ROW}</sheetData>"), name: "<x/>"}
    assert codes(read(zipped(members), "a.xlsm")) == ["macros-ignored"]


def test_links_to_other_workbooks_are_named_and_not_followed(parts, zipped) -> None:
    members = parts(f"<sheetData>{ROW}</sheetData>")
    members["xl/externalLinks/externalLink1.xml"] = "<externalLink/>"
    members["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        '<Relationships><Relationship Id="r1" Type="x/externalLinkPath" TargetMode="External" '
        'Target="file:///C:\\Bao cao\\tong hop.xlsx"/></Relationships>'
    )
    members["xl/embeddings/oleObject1.bin"] = "x"
    (found,) = read(zipped(members), "a.xlsx").findings
    assert (found.code, found.severity) == ("external-links", "warning")
    assert found.params == {"what": "tong hop.xlsx, oleObject1.bin"}


def test_target_of_a_relation_never_leads_to_the_disk(parts, zipped, tmp_path) -> None:
    (tmp_path / "sheet.xml").write_text(f"<worksheet><sheetData>{ROW}</sheetData></worksheet>")
    members = parts(f"<sheetData>{ROW}</sheetData>")
    for target in (str(tmp_path / "sheet.xml"), "../" * 9 + str(tmp_path / "sheet.xml")):
        related = str(members["xl/_rels/workbook.xml.rels"])
        members["xl/_rels/workbook.xml.rels"] = related.replace("worksheets/sheet0.xml", target)
        assert refusal(read(zipped(members), "a.xlsx")) == ("file-damaged", "S0")
        members["xl/_rels/workbook.xml.rels"] = related


# --- compound files


def compound(*names: str, **header: int) -> bytes:
    """Make the header and directory of a compound file, enough to tell its kind."""
    data = bytearray(512 + 128 * (len(names) + 4))
    data[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<H", data, 0x1E, header.get("shift", 9))
    struct.pack_into("<I", data, 0x2C, header.get("fat", 1))
    struct.pack_into("<I", data, 0x48, header.get("difat", 0))
    for n, name in enumerate(names):
        encoded = name.encode("utf-16-le")
        data[512 + 128 * n : 512 + 128 * n + len(encoded)] = encoded
    return bytes(data)


def test_compound_file_with_an_encrypted_package_needs_a_password() -> None:
    data = compound("Root Entry", "EncryptionInfo", "EncryptedPackage")
    assert refusal(read(data, "a.xlsx"))[0] == "file-encrypted"


@pytest.mark.parametrize(
    ("stream", "kind"),
    [("WordDocument", "doc"), ("PowerPoint Document", "ppt"), ("Contents", "ole")],
)
def test_compound_file_of_another_program_is_no_spreadsheet(stream: str, kind: str) -> None:
    assert refusal(read(compound("Root Entry", stream), "a.xls")) == ("file-not-spreadsheet", kind)


@pytest.mark.parametrize("lie", [{"fat": 2**32 - 1}, {"difat": 2**31}, {"shift": 40}])
def test_tables_larger_than_their_file_are_damage(lie: dict[str, int]) -> None:
    assert refusal(read(compound("Workbook", **lie), "a.xls")) == ("file-damaged", "compound")


def test_encrypted_open_document_needs_a_password(zipped) -> None:
    members = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": b"\x8f\x12 sealed",
        "META-INF/manifest.xml": "<manifest><encryption-data/></manifest>",
    }
    assert refusal(read(zipped(members), "a.ods"))[0] == "file-encrypted"


def test_open_document_text_is_no_spreadsheet(zipped) -> None:
    members = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}
    assert refusal(read(zipped(members), "a.odt")) == ("file-not-spreadsheet", "odf")


def test_default_limits_are_those_of_the_rules() -> None:
    assert LIMITS.members == 1_000
    assert LIMITS.part_bytes == 200_000_000
    assert LIMITS.total_bytes == 500_000_000
    assert LIMITS.sheets == 200
    assert LIMITS.cells == 5_000_000
    assert LIMITS.string_characters == 32_767
    assert LIMITS.worker_seconds == 20
    assert LIMITS.worker_bytes == 2 * 1024**3
