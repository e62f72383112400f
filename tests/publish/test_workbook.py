"""Workbooks of tables: one table object a sheet that everybody can read, charts beside them."""

import io
import re
import shutil
import subprocess
import zipfile
from xml.etree import ElementTree

import openpyxl
import pytest
from disturbed import DISTURBANCES, NAMES, disturbed, whole
from openpyxl.utils import range_boundaries

from thidua_analysis import indicators
from thidua_analysis.lineage.register import link
from thidua_analysis.messages import text
from thidua_analysis.publish.downloads import Cell, Table, tables_of
from thidua_analysis.publish.html import Cell as Shown
from thidua_analysis.publish.html import table_block
from thidua_analysis.publish.native_charts import alternative, drawing
from thidua_analysis.publish.workbook import FILE, typed, workbook, write_tables, write_workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
#: The elements of a worksheet in the only order in which Excel opens it without a repair.
ORDER = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection "
    "protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells "
    "phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins "
    "pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors "
    "smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls "
    "webPublishItems tableParts extLst"
).split()
FRONT = ["Bìa", "Mục lục", "Ghi chú"]
SHARE = "women_share/year=2023"
CHART = (
    '<figure class="chart"><figcaption><p class="message">Tỷ lệ nữ tăng</p>'
    '<p class="measure">Đơn vị tính: %, 2023. Trục bắt đầu từ 40%, không từ 0.</p></figcaption>'
    '<img src="data:image/png;base64,AA"><table><caption>Tỷ lệ nữ tăng</caption><thead><tr>'
    '<th scope="col">Cấp</th><th scope="col" class="figure">2023</th></tr></thead><tbody><tr>'
    f'<th scope="row">=1+1</th><td class="figure">{link("43,3%", SHARE)}</td></tr></tbody></table>'
    '<p class="source">Nguồn: báo cáo.</p></figure>'
)


@pytest.fixture(scope="module")
def pack(sample_pack):
    return sample_pack


@pytest.fixture(scope="module")
def path(pack):
    return write_workbook(pack)[0]


@pytest.fixture(scope="module")
def book(path):
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def values(path):
    return openpyxl.load_workbook(path, data_only=True)


@pytest.fixture(scope="module")
def small():
    block = table_block(
        [
            {"Đơn vị": "Hội\u00a0CCB", "Đạt": Shown("30/37", "targets_met/year=2023"), "Ngày": "–"},
            {"Đơn vị": "Cộng", "Đạt": "–", "Ngày": "15/12/2023"},
        ],
        "Chỉ tiêu",
        ["Ghi chú riêng."],
    )
    tables = tables_of([CHART, block.html, CHART])
    return openpyxl.load_workbook(io.BytesIO(workbook("Khen thưởng", tables, {}, ["Khối thi đua"])))


def own(book):
    """The sheets with a table of the report."""
    return [sheet for sheet in book if sheet.title not in FRONT]


def area(sheet):
    """First column, first row, last column and last row of the only table of a sheet."""
    (table,) = sheet.tables.values()
    return range_boundaries(table.ref)


def about(book, words):
    """The only sheet with these words in its title."""
    (found,) = [sheet for sheet in own(book) if words in sheet["A1"].value]
    return found


def lines(sheet):
    """The table of a sheet: name of a row → heading → value."""
    left, top, right, bottom = area(sheet)
    head, *rows = sheet.iter_rows(top, bottom, left, right, values_only=True)
    return {row[0]: dict(zip(head, row, strict=True)) for row in rows}


def refuse_disorder(package):
    """Refuse a workbook that Excel would repair: elements out of order, names or ranges twice."""
    names = set()
    with zipfile.ZipFile(io.BytesIO(package)) as file:
        for name in file.namelist():
            if name.endswith((".xml", ".rels")):
                root = ElementTree.fromstring(file.read(name))
            if name.startswith("xl/worksheets/sheet"):
                places = [ORDER.index(one.tag.removeprefix(MAIN)) for one in root]
                assert places == sorted(set(places)), name
                cells = [c.get("r") for c in root.iter(f"{MAIN}c")]
                assert len(cells) == len(set(cells)), name
            elif name.startswith("xl/tables/"):
                head = [c.get("name") for c in root.iter(f"{MAIN}tableColumn")]
                assert len({one.lower() for one in head}) == len(head), name
                left, top, right, bottom = range_boundaries(root.get("ref"))
                assert right - left + 1 == len(head), name
                assert bottom > top, name
                assert root.get("name") not in names, name
                names.add(root.get("name"))
    book = openpyxl.load_workbook(io.BytesIO(package))
    for sheet in book:
        for table in sheet.tables.values():
            left, top, right, _ = range_boundaries(table.ref)
            (head,) = sheet.iter_rows(top, top, left, right, values_only=True)
            assert list(head) == [column.name for column in table.tableColumns], sheet.title


def test_cover_contents_and_notes_come_first_then_a_sheet_for_each_table(pack, book):
    names = [f"Bảng {n}" for n in range(1, len(pack.tables) + 1)]
    assert book.sheetnames == [*FRONT, *names]
    assert len(names) > 30
    assert book.active.title == "Bìa"
    assert all(s.sheet_view.selection[0].activeCell == "A1" for s in book)


def test_the_cover_says_what_whose_how_real_until_when_and_how_to_read(pack, book):
    words = [row[0] for row in book["Bìa"].iter_rows(values_only=True)]
    assert words[:2] == [pack.title, pack.ds.bloc.name]
    assert "Số liệu minh họa, không phải số liệu thật" in words
    assert any(word.startswith("6/6 đơn vị đã gửi") for word in words)
    assert "Cách đọc" in words


def test_the_contents_lead_to_each_table_by_its_name(book):
    sheet = book["Mục lục"]
    _, top, _, bottom = area(sheet)
    rows = list(sheet.iter_rows(top + 1, bottom))
    assert [row[0].value for row in rows] == [s.title for s in own(book)]
    for row in rows:
        assert row[1].hyperlink.location == f"'{row[0].value}'!A1"
        assert book[row[0].value]["A1"].value == f"{row[0].value}. {row[1].value}"


def test_title_and_language_are_those_of_the_document(path, pack):
    with zipfile.ZipFile(path) as file:
        core = file.read("docProps/core.xml").decode()
        charts = [n for n in file.namelist() if n.startswith("xl/charts/")]
        assert all(b"en-US" not in file.read(name) for name in charts)
    assert f"<dc:title>{pack.title}</dc:title>" in core
    assert "<dc:language>vi-VN</dc:language>" in core


def test_every_sheet_has_one_table_object_at_column_a_with_nothing_below(book):
    for sheet in own(book):
        left, top, right, bottom = area(sheet)
        assert left == 1, sheet.title
        assert (sheet.max_row, sheet.max_column) == (bottom, right), sheet.title
        head = [cell.value for cell in sheet[top]]
        assert all(isinstance(name, str) and name for name in head), sheet.title
        (table,) = sheet.tables.values()
        assert table.headerRowCount is None or table.headerRowCount == 1
        assert table.autoFilter is None
        assert re.fullmatch(r"Bang_\d+_[a-z0-9_]{4,}", table.displayName), table.displayName
        for row in sheet.iter_rows(1, top - 1, 2):
            assert all(cell.value is None for cell in row), sheet.title


def test_no_sheet_merges_hides_freezes_filters_fills_or_has_headers_on_paper(book):
    for sheet in book:
        assert not sheet.merged_cells.ranges
        assert sheet.freeze_panes is None
        assert sheet.auto_filter.ref is None
        assert sheet.sheet_state == "visible"
        assert not any(d.hidden for d in sheet.column_dimensions.values())
        assert not any(d.hidden for d in sheet.row_dimensions.values())
        assert not sheet.oddHeader.center.text
        assert not sheet.oddFooter.center.text
        assert not sheet.conditional_formatting
        filled = [c for row in sheet.iter_rows() for c in row if c.fill.fill_type]
        assert not filled, sheet.title


def test_cells_wrap_their_words_and_none_is_empty(book):
    for sheet in book:
        if sheet.title == "Bìa":
            continue
        left, top, right, bottom = area(sheet)
        for row in sheet.iter_rows(top, bottom, left, right):
            for cell in row:
                assert cell.value not in (None, ""), (sheet.title, cell.coordinate)
                assert cell.alignment.wrap_text or cell.data_type != "s"


def test_every_sheet_says_what_it_shows_and_where_that_comes_from(book):
    for sheet in own(book):
        _, top, *_ = area(sheet)
        above = [sheet.cell(row, 1).value for row in range(1, top)]
        assert above[0].startswith(f"{sheet.title}. ")
        assert any("Nguồn: " in line for line in above), sheet.title
        assert any("minh họa" in line for line in above), sheet.title
        assert above[-1] == "Về trang Mục lục"
        assert all(above)


def test_notes_are_named_in_words_and_hold_the_definitions_of_the_dictionary(pack, book):
    sheet = book["Ghi chú"]
    _, top, _, bottom = area(sheet)
    found = {row[0]: row[1:] for row in sheet.iter_rows(top + 1, bottom, values_only=True)}
    said = {
        note
        for one in own(book)
        for row in range(1, area(one)[1])
        for note in re.findall(r"\[ghi chú \d+\]", str(one.cell(row, 1).value))
    }
    assert said == set(found)
    told = dict(found.values())
    for name in {one for table in pack.tables for one in table.indicators}:
        entry = indicators.entry(name)
        assert told[entry.label["vi"]] == f"{entry.definition['vi']}. {entry.missing['vi']}."
    assert "Không có số liệu" in told["Dấu –"]
    # what is said of the picture of the report says nothing of a table
    assert not any("Trục bắt đầu" in words for words in told.values())


def test_numbers_are_the_exact_figures_of_the_frames(samples, values):
    now = samples.filter(year=2023)
    frame = indicators.awards_by_level(now, by=("member", "level"))
    found = lines(about(values, "Khen thưởng theo cấp và đơn vị"))
    names = frame.attrs["names"]
    for row in frame.to_dict("records"):
        head = names["level"][row["level"]]
        assert found[names["member"][row["member"]]][head] == row["value"]
    shares = indicators.women_share(now, by=("member",))
    found = lines(about(values, "Các chỉ số theo đơn vị"))
    for row in shares.to_dict("records"):
        share = found[names["member"][row["member"]]]["Tỷ lệ nữ trong số cá nhân được khen thưởng"]
        assert share == pytest.approx(row["numerator"] / row["denominator"], abs=1e-15)


def test_every_figure_of_a_sheet_is_the_one_of_its_id(pack, values):
    compared = 0
    for sheet, table in zip(own(values), pack.tables, strict=True):
        found = typed(table, pack.rows)
        left, top, right, bottom = area(sheet)
        shown = list(sheet.iter_rows(top + 1, bottom, left, right))
        known = [n.value for row in found.numbers for n in row if n]
        cells = [c.value for row in shown for c in row if isinstance(c.value, int | float)]
        assert sorted(cells) == pytest.approx(sorted(map(float, known)), abs=1e-9), sheet.title
        compared += len(cells)
    assert compared > 1000


def test_a_total_is_a_formula_only_where_it_is_the_sum_of_its_column(samples, book, values):
    sheet = about(book, "Các chỉ số theo đơn vị")
    left, top, right, bottom = area(sheet)
    last = {sheet.cell(top, c).value: sheet.cell(bottom, c) for c in range(left, right + 1)}
    total = last["Số lượt khen thưởng (lượt)"]
    assert total.value == f"=SUM(B{top + 1}:B{bottom - 1})"
    assert values[sheet.title][total.coordinate].value == 4674
    share = last["Tỷ lệ nữ trong số cá nhân được khen thưởng"]
    assert share.data_type == "n"
    formulas = [
        (one, cell)
        for one in own(book)
        for row in one.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]
    assert len(formulas) > 10
    for one, cell in formulas:
        cached = values[one.title]
        first, end = re.fullmatch(r"=SUM\(([A-Z]+\d+):([A-Z]+\d+)\)", cell.value).groups()
        added = [c.value for (c,) in cached[f"{first}:{end}"] if not isinstance(c.value, str)]
        assert sum(added) == pytest.approx(cached[cell.coordinate].value)


def test_a_text_is_never_a_formula_nor_a_link(small):
    sheet = small["Bảng 1"]
    cell = sheet.cell(area(sheet)[3], 1)
    assert (cell.value, cell.data_type, cell.hyperlink) == ("=1+1", "s", None)


def test_the_sheet_of_a_chart_is_named_for_its_measure_and_tells_its_message(small):
    sheet = small["Bảng 1"]
    assert sheet["A1"].value == "Bảng 1. Tỷ lệ nữ trong số cá nhân được khen thưởng theo cấp"
    assert [sheet.cell(n, 1).value for n in (2, 3, 4)] == [
        "Tỷ lệ nữ tăng", "Đơn vị tính: %, 2023.", "Nguồn: báo cáo.",
    ]  # fmt: skip
    assert small["Bảng 2"]["A2"].value == "Nguồn: Khen thưởng; Khối thi đua."


def test_parts_of_a_whole_are_two_numbers_and_a_day_is_a_date(small):
    sheet = small["Bảng 2"]
    _, top, right, bottom = area(sheet)
    head, first, last = sheet.iter_rows(top, bottom, 1, right, values_only=True)
    assert head == ("Đơn vị", "Đạt", "Đạt: trong tổng số", "Ngày")
    assert first == ("Hội CCB", 30, 37, "–")
    assert last[3].isoformat() == "2023-12-15T00:00:00"


def test_every_native_chart_of_the_report_stands_below_its_table_with_its_values(pack, values):
    drawn = {one.title: one for one in pack.charts if one.native}
    assert len(drawn) > 10
    with_chart = [sheet for sheet in own(values) if sheet._charts]
    assert len(with_chart) == len(drawn)
    for sheet in with_chart:
        native, (chart,) = drawn[sheet["A2"].value].native, sheet._charts
        kinds = {"bars": "barChart", "lines": "lineChart"}
        assert chart.tagname == kinds[native.kind]
        assert (chart.anchor._from.col, chart.anchor._from.row > area(sheet)[3]) == (0, True)
        for series, (name, expected) in zip(chart.series, native.series, strict=True):
            names = [sheet[a].value for a in cells_of(series.cat.numRef or series.cat.strRef)]
            assert [str(one) for one in names] == list(native.categories)
            cells = [sheet[a] for a in cells_of(series.val.numRef)]
            shown = [c.value * 100 if c.number_format.endswith("%") else c.value for c in cells]
            assert shown == pytest.approx(expected, abs=0.051), name


def cells_of(reference):
    first, last = re.search(r"\$([A-Z]+\$\d+):\$([A-Z]+\$\d+)$", reference.f).groups()
    column, top = first.split("$")
    return [f"{column}{row}" for row in range(int(top), int(last.split("$")[1]) + 1)]


def test_the_first_bar_is_on_top_and_bars_start_at_zero(values):
    bars = [s._charts[0] for s in own(values) if s._charts and s._charts[0].tagname == "barChart"]
    assert all(chart.x_axis.scaling.orientation == "maxMin" for chart in bars)
    assert all(chart.y_axis.scaling.min == 0 for chart in bars)
    assert all(chart.barDir == "bar" for chart in bars)


def test_every_chart_has_the_alternative_text_of_the_report_as_it_is_drawn_here(path, pack):
    alts = {alternative(one) for one in pack.charts if one.native}
    assert not any("Trục bắt đầu" in alt or "chấm" in alt.partition(":")[0] for alt in alts)
    with zipfile.ZipFile(path) as file:
        drawings = [n for n in file.namelist() if n.startswith("xl/drawings/drawing")]
        roots = [ElementTree.fromstring(file.read(name)) for name in drawings]
    told = {one.get("descr") for root in roots for one in root.iter() if one.get("name")}
    assert told == {f"{alt} {text('workbook-table-above')}" for alt in alts}


def test_a_chart_whose_values_are_not_those_of_the_table_is_not_drawn(pack):
    one = next(c for c in pack.charts if c.native and c.native.kind == "bars")
    (table,) = [t for t in pack.tables if t.caption == one.title]
    found = typed(table, pack.rows)
    assert drawing(found, one) is not None
    name, values = one.native.series[0]
    wrong = one.native.__class__(
        one.native.kind, one.native.categories, ((name, (values[0] + 1, *values[1:])),),
        one.native.format, one.native.unit,
    )  # fmt: skip
    moved = one.__class__(**{**one.__dict__, "native": wrong})
    assert drawing(found, moved) is None


def test_a_line_breaks_off_where_a_member_has_no_value(packed):
    from thidua_analysis.charts.caption import Native

    head = ["Đơn vị", "Năm", "Giá trị"]
    rows = [
        [Cell("An"), Cell("2021", counts=True), Cell("5", counts=True)],
        [Cell("An"), Cell("2022", counts=True), Cell("–", counts=True)],
        [Cell("An"), Cell("2023", counts=True), Cell("7", counts=True)],
    ]
    table = Table("An tăng", ["Lượt."], head, rows, measure="Lượt.")
    native = Native("lines", ("2021", "2022", "2023"), (("An", (5.0, None, 7.0)),), "#,##0")
    from thidua_analysis.publish.pack import Shown as Chart

    chart = Chart("", "", "An tăng", "", "Biểu đồ.", "", native, (), (), (), {})
    book = openpyxl.load_workbook(io.BytesIO(workbook("A", [table], {}, (), [chart])))
    sheet = book["Bảng 1"]
    _, top, *_ = area(sheet)
    assert [sheet.cell(top + n, 3).value for n in (1, 2, 3)] == [5, None, 7]
    told = {row[1]: row[2] for row in book["Ghi chú"].iter_rows(values_only=True)}
    assert "không rơi xuống 0" in told["Ô trống"]
    assert "Dấu –" not in told


def test_the_elements_of_every_sheet_are_in_the_order_of_the_standard(path):
    refuse_disorder(path.read_bytes())


def test_the_same_data_give_the_same_bytes(pack, path):
    before = path.read_bytes()
    path.unlink()
    write_workbook(pack)
    assert path.read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("name", DISTURBANCES)
def test_whatever_is_missing_the_workbook_opens_and_its_totals_add_up(name, packed):
    made, *_ = write_workbook(packed(disturbed(name).dataset()))
    refuse_disorder(made.read_bytes())


@pytest.mark.slow
def test_twelve_members_and_a_single_year_make_a_workbook(packed):
    many = {f"m{n}": f"Hội số {n}" for n in range(12)}
    NAMES.update(many)
    small = whole(years=(2023,), members=tuple(many))
    pack = packed(small.dataset())
    made, *_ = write_workbook(pack)
    refuse_disorder(made.read_bytes())
    drawn = [sheet for sheet in own(openpyxl.load_workbook(made)) if sheet._charts]
    assert len(drawn) == len([one for one in pack.charts if one.native])


def test_the_files_of_a_part_are_of_the_same_kind_without_charts(samples, pack, tmp_path):
    class Part:
        href, title = "02-khen-thuong.html", "Khen thưởng"
        shown = (CHART,)

    links = write_tables(tmp_path, "Báo cáo", [Part()], pack.rows, ["Khối thi đua"])
    assert [one["href"] for one in links[Part.href]] == [
        "bang/02-khen-thuong.xlsx", "bang/02-khen-thuong.csv",
    ]  # fmt: skip
    made = (tmp_path / "bang" / "02-khen-thuong.xlsx").read_bytes()
    refuse_disorder(made)
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames == [*FRONT, "Bảng 1"]
    assert book["Bìa"]["A2"].value == "Khối thi đua"
    assert not own(book)[0]._charts


@pytest.mark.office
@pytest.mark.slow
def test_libreoffice_computes_the_same_totals_and_shows_every_table(path, book, values, tmp_path):
    office, reader = shutil.which("soffice"), shutil.which("pdftotext")
    if office is None or reader is None:
        pytest.skip("LibreOffice or pdftotext is not installed")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to"]
    for kind in ("pdf", "ods"):
        told = [*command, kind, "--outdir", str(tmp_path), str(path)]
        subprocess.run(told, check=True, capture_output=True, timeout=180)
    pdf = tmp_path / FILE.replace("xlsx", "pdf")
    told = subprocess.run([reader, "-layout", pdf, "-"], check=True, capture_output=True, text=True)
    # a letter that one font lacks comes from another one, and looks like a word of its own
    words = "".join(told.stdout.split())
    for sheet in own(values):
        assert "".join(sheet["A1"].value.split()) in words
    assert "Err:" not in words
    assert "#REF" not in words
    again = tmp_path / "again"
    ods = tmp_path / FILE.replace("xlsx", "ods")
    back = [*command, "xlsx", "--outdir", str(again), str(ods)]
    subprocess.run(back, check=True, capture_output=True, timeout=180)
    computed = openpyxl.load_workbook(again / FILE, data_only=True)
    for sheet in own(book):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    there = computed[sheet.title][cell.coordinate].value
                    assert there == pytest.approx(values[sheet.title][cell.coordinate].value)
