"""Workbooks: the printed layout, the plain tables, hostile text, LibreOffice."""

import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace

import pytest
from openpyxl.utils import get_column_letter

from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import UsageError
from thidua_analysis.official import official_form, official_forms, write_forms
from thidua_analysis.official.fill import Note
from thidua_analysis.official.layout import wrapped

pytestmark = pytest.mark.slow

#: Numbers of papers in workbooks.
A3, A4 = 8, 9
#: Points between the margins, across and down.
ROOM = {(A4, "portrait"): (538, 770), (A4, "landscape"): (784, 524), (A3, "landscape"): (1133, 770)}


def across(sheet):
    """Points from the first column to the last: one of width w is 7w pixels wide."""
    columns = sheet.column_dimensions.values()
    return sum(d.width * 7 * 0.75 * (d.max - d.min + 1) for d in columns)


def down(sheet):
    return sum(sheet.row_dimensions[row].height or 12 for row in range(1, sheet.max_row + 1))


def above(sheet):
    """What stands above the table of a plain sheet."""
    (table,) = sheet.tables.values()
    top = int(table.ref.partition(":")[0].strip("A"))
    return " ".join(sheet.cell(row, 1).value or "" for row in range(1, top))


def test_one_workbook_a_form_is_written(samples, tmp_path):
    paths = write_forms(official_forms(samples, 2023), tmp_path / "new" / "folder")
    assert sorted(path.name for path in paths) == [
        "0601N-2023.xlsx", "0602N-2023.xlsx", "0603N-2023.xlsx",
        "tong-hop-khen-thuong-2023.xlsx",
    ]  # fmt: skip
    assert sorted(p.name for p in (tmp_path / "new" / "folder").iterdir()) == sorted(
        path.name for path in paths
    )


def test_the_same_data_give_the_same_bytes(samples, tmp_path):
    first = [
        path.read_bytes() for path in write_forms(official_forms(samples, 2023), tmp_path / "a")
    ]
    again = [
        path.read_bytes() for path in write_forms(official_forms(samples, 2023), tmp_path / "b")
    ]
    assert first == again


def test_the_font_of_the_columns_is_the_one_named_in_every_form_that_a_process_writes(
    samples, tmp_path, book_of
):
    for form in official_forms(samples, 2023):
        font = book_of(form, tmp_path)._fonts[0]
        assert (font.name, font.scheme) == ("Arial", None)  # no font of whoever opens it


def test_the_printed_form_has_the_official_layout(samples, tmp_path, sheet_of, texts):
    sheet = sheet_of(official_form(samples, "0603.N", 2023), tmp_path)
    printed = texts(sheet)
    for content in (
        "Biểu số: 0603.N/BNV-TĐKT",
        "Ban hành theo Thông tư số 02/2023/TT-BNV ngày 23/3/2023",
        "Ngày nhận báo cáo: Ngày 15 tháng 12 năm báo cáo",
        "Năm 2023",
        "Chia ra",
        "Người lập biểu",
        "Thủ trưởng đơn vị",
        "+ Doanh nhân",
    ):
        assert content in printed
    (at,) = [row for row in sheet.iter_rows() if row[0].value == "A"]
    assert [cell.value for cell in at] == ["A", "B", "C", "1", "2", "3", "4", "5"]
    merged = {str(cells) for cells in sheet.merged_cells.ranges}
    (chia_ra,) = [c.coordinate for row in sheet.iter_rows() for c in row if c.value == "Chia ra"]
    assert any(area.startswith(f"{chia_ra}:H") for area in merged)
    setup = sheet.page_setup
    assert (setup.orientation, setup.paperSize, setup.fitToHeight) == ("landscape", A3, None)
    assert "A3" in sheet.oddFooter.left.text
    assert {c.font.name for row in sheet.iter_rows() for c in row if c.value} == {"Times New Roman"}


def test_a_title_of_several_lines_has_room_for_its_bold_letters(samples, tmp_path, sheet_of):
    for form in official_forms(samples, 2023):
        sheet = sheet_of(form, tmp_path)
        (cell,) = [c for row in sheet.iter_rows() for c in row if c.value == form.layout.title]
        (area,) = [a for a in sheet.merged_cells.ranges if cell.coordinate in a]
        columns = [get_column_letter(c) for c in range(area.min_col, area.max_col + 1)]
        wide = sum(sheet.column_dimensions[letters].width - 0.71 for letters in columns)
        rows = range(area.min_row, area.max_row + 1)
        high = sum(sheet.row_dimensions[row].height for row in rows)
        # capitals in bold are about an eighth wider than plain ones
        lines = wrapped(cell.value, wide, cell.font.sz * 1.08)
        assert high >= len(lines) * cell.font.sz * 1.15, form.layout.title


def test_the_printed_cells_hold_the_figures_and_empty_ones_nothing(samples, tmp_path, sheet_of):
    for form in official_forms(samples, 2023):
        sheet = sheet_of(form, tmp_path)
        leads = len(form.layout.leads)
        named = [lead.number for lead in form.layout.leads]
        (numbers,) = [
            row[0].row for row in sheet.iter_rows() if [c.value for c in row[:leads]] == named
        ]
        for at, line in enumerate(form.lines, numbers + 1):
            for column, cell in enumerate(form.of_line(line), leads + 1):
                written = sheet.cell(at, column).value
                if cell.value is None:
                    assert written is None
                elif form.columns[column - leads - 1].source.ratio:
                    assert written == pytest.approx(float(cell.value) / 100, abs=0.00005)
                else:
                    assert written == cell.value


def test_the_companion_sheets_are_plain_tables(samples, tmp_path, book_of):
    for form in official_forms(samples, 2023):
        for sheet in book_of(form, tmp_path).worksheets[1:]:
            assert not sheet.merged_cells.ranges
            assert sheet.sheet_state == "visible"
            assert sheet.freeze_panes is None
            (table,) = sheet.tables.values()
            assert table.autoFilter is None
            first, *rows = sheet[table.ref]
            heads = [cell.value for cell in first]
            assert above(sheet).startswith(form.layout.title)
            assert len(set(heads)) == len(heads)
            assert all(isinstance(head, str) and head for head in heads)
            assert all(cell.value not in (None, "") for row in rows for cell in row)
            assert sheet.max_row == rows[-1][0].row
            assert all(c.fill.fill_type is None for row in (first, *rows) for c in row)


def test_the_companion_sheet_holds_the_same_figures(samples, tmp_path, book_of, is_ratio):
    for form in official_forms(samples, 2023):
        sheet = book_of(form, tmp_path).worksheets[1]
        (table,) = sheet.tables.values()
        _, *rows = sheet[table.ref]
        written = [c.value for row in rows for c in row if isinstance(c.value, int | float)]
        expected = [c.value for line in form.coded for c in form.of_line(line)
                    if c.value is not None and not is_ratio(form, c)]  # fmt: skip
        if form.layout.counts == "distinct":
            expected += [c.reported for line in form.coded for c in form.of_line(line)
                         if c.reported is not None]  # fmt: skip
        ratios = [c for c in form.cells.values() if c.value is not None and is_ratio(form, c)]
        assert len(written) == len(expected) + len(ratios)
        assert sum(v for v in written if isinstance(v, int)) >= sum(expected) - len(ratios)
        assert "[k] = " in above(sheet)


def test_empty_cells_of_the_companion_sheet_say_why(samples, tmp_path, book_of):
    sheet = book_of(official_form(samples, "0602.N", 2023), tmp_path).worksheets[1]
    (table,) = sheet.tables.values()
    words = [c.value for row in sheet[table.ref] for c in row if isinstance(c.value, str)]
    marks = {word for word in words if len(word) == 3 and word.startswith("[")}
    assert marks == {"[h]", "[k]", "[z]"}
    assert all(f"{mark} = " in above(sheet) for mark in marks)


def test_a_form_fills_its_paper_with_letters_of_11_to_13_points(samples, tmp_path, sheet_of):
    """On A4 where it has room, on A3 else, which its footer says; never squeezed together."""
    for form in official_forms(samples, 2023):
        sheet = sheet_of(form, tmp_path)
        paper = sheet.page_setup.paperSize, sheet.page_setup.orientation or "portrait"
        width, height = ROOM[paper]
        assert 0.85 * width < across(sheet) <= width, form.layout.id
        assert 0.8 * height < down(sheet) <= height, form.layout.id
        sizes = {c.font.sz for row in sheet.iter_rows() for c in row if c.value is not None}
        assert min(sizes) >= 11
        assert sorted(sizes)[0] <= 13
        assert (paper[0] == A3) == ("A3" in (sheet.oddFooter.left.text or ""))
    assert paper[0] == A3  # the last is 0603.N; 0601.N has few columns
    assert sheet_of(official_form(samples, "0601.N", 2023), tmp_path).page_setup.paperSize == A4


def test_heading_rows_are_no_higher_than_their_words(samples, tmp_path, book_of):
    for form in official_forms(samples, 2023):
        printed, *plain = book_of(form, tmp_path)
        assert _highest(printed) <= 8 * 13 * 1.3
        # a plain table has one row of headings: each says all that stands above its column
        assert max(map(_highest, plain)) < 220


def _highest(sheet):
    return max(d.height for d in sheet.row_dimensions.values() if d.height)


def test_numbers_have_vietnamese_separators_wherever_they_are_opened(samples, tmp_path, book_of):
    book = book_of(official_form(samples, "bloc-summary", 2023), tmp_path)
    formats = {
        c.number_format
        for sheet in book
        for row in sheet.iter_rows()
        for c in row
        if isinstance(c.value, int | float)
    }
    assert formats == {"[$-42A]#,##0", "[$-42A]0.00%"}


def test_notes_stand_once_in_a_workbook(samples, tmp_path, book_of, texts):
    book = book_of(official_form(samples, "0602.N", 2023), tmp_path)
    assert [any("6/6 đơn vị" in t for t in texts(sheet)) for sheet in book] == [False, False, True]


def test_the_document_has_a_title_and_a_language(samples, tmp_path, book_of):
    book = book_of(official_form(samples, "0603.N", 2023), tmp_path)
    assert book.properties.title.endswith("2023")
    assert book.custom_doc_props["Language"].value == "vi-VN"


@pytest.mark.parametrize("name", ["=1+1", "+84", "-5", "@SUM(A1)", '=HYPERLINK("http://x","y")'])
def test_text_from_data_stays_text(fill, tmp_path, name, submission, award, launch, book_of):
    form = fill(
        "bloc-summary",
        submission("ldld", commendations=[award(name, individuals=4)], movements=[launch(name)]),
    )
    for sheet in book_of(form, tmp_path).worksheets[:2]:
        cells = [c for row in sheet.iter_rows() for c in row if str(c.value).startswith(name)]
        assert cells
        assert {cell.data_type for cell in cells} == {"s"}
        assert all(cell.hyperlink is None for cell in cells)


def test_a_file_that_cannot_be_written_is_explained(samples, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError) as refused:
        write_forms(official_forms(samples, 2023), tmp_path / "file")
    assert refused.value.key == "file-refused"


def test_notes_of_an_english_dataset_are_english(submissions, bloc):
    form = official_form(Dataset.of(submissions, bloc, lang="en"), "0603.N", 2023)
    assert "From the reports of 6 of 6 members." in [note.text for note in form.notes]


def test_a_long_table_goes_on_on_the_next_page_under_the_same_headings(
    fill, tmp_path, submission, award, sheet_of
):
    rows = [award(f"Giải thưởng số {n}", individuals=n) for n in range(1, 80)]
    form = fill("bloc-summary", submission("ldld", commendations=rows))
    assert sheet_of(form, tmp_path).print_title_rows
    assert not sheet_of(fill("bloc-summary", submission("ldld", commendations=rows[:9])),
                        tmp_path).print_title_rows  # fmt: skip


@pytest.mark.office
@pytest.mark.slow
def test_libreoffice_prints_each_form_on_one_page_with_all_its_figures(
    pdfs, samples, is_ratio, page
):
    for form in official_forms(samples, 2023):
        pdf = pdfs[f"{form.layout.file}-2023"]
        first = page(pdf)
        assert "Người lập biểu" in first
        assert "(Ký, họ tên, đóng dấu)" in first
        assert "###" not in first
        assert form.layout.title.split()[0] in page(pdf, 2)
        for cell in form.cells.values():
            if cell.value is not None and not is_ratio(form, cell):
                shown = f"{cell.value:,}".replace(",", ".")
                assert shown in first.split(), (form.layout.id, cell.row, cell.column)


@pytest.mark.office
@pytest.mark.slow
def test_libreoffice_prints_no_page_smaller_than_11_points(pdfs):
    """What most letters of each page are; the program may have to shrink a page to its paper."""
    reader = shutil.which("pdftohtml")
    if reader is None:
        pytest.skip("pdftohtml is not installed")
    for pdf in pdfs.values():
        command = [reader, "-xml", "-zoom", "3", "-i", "-stdout", str(pdf)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        sizes = dict(re.findall(r'fontspec id="(\d+)" size="(\d+)"', told))
        for printed in told.split("<page ")[1:]:
            letters = Counter()
            for font, words in re.findall(r'<text [^>]*font="(\d+)">(.*?)</text>', printed):
                letters[int(sizes[font]) / 3] += len(words)
            assert letters.most_common(1)[0][0] >= 11, pdf.name


def test_text_that_would_be_computed_once_edited_has_the_quote_prefix(samples, tmp_path, book_of):
    form = official_form(samples, "0603.N", 2023)
    book = book_of(replace(form, notes=(Note("=1+1"), Note("Ghi chú"))), tmp_path)
    found = {c.value: c for sheet in book for row in sheet.iter_rows() for c in row if c.value}
    assert (found["=1+1"].data_type, found["=1+1"].quotePrefix) == ("s", True)
    assert not found["Ghi chú"].quotePrefix
    assert found["+ Doanh nhân"].quotePrefix
