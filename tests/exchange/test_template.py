"""The template says what the reader reads: same headings, lists and members; nothing read twice."""

import datetime as dt
import re
import zipfile

import openpyxl
import pytest
from msgspec import structs
from openpyxl.utils import get_column_letter

from thidua_analysis.exchange import template_cells
from thidua_analysis.exchange.template import write_template
from thidua_analysis.form.forms import current
from thidua_analysis.messages import text
from thidua_analysis.submission import read_file
from thidua_analysis.submission.headings import Heading, match

pytestmark = pytest.mark.slow

MEMBERS = ["mttq", "ldld", "lhpn", "hnd", "ccb", "dtn"]
UNIT, BLOC = current("unit"), current("bloc")


@pytest.fixture(scope="session")
def templates(tmp_path_factory, bloc, samples):
    """Templates for 2024, with what the samples say of 2023."""
    folder = tmp_path_factory.mktemp("templates")
    paths = {member: folder / f"bieu-mau-2024-{member}.xlsx" for member in MEMBERS}
    for member, path in paths.items():
        write_template(UNIT, bloc, 2024, member, samples, path)
    paths["khoi"] = folder / "bieu-mau-2024-khoi.xlsx"
    write_template(BLOC, bloc, 2024, None, samples, paths["khoi"])
    paths["blank"] = folder / "bieu-mau-2024-trong.xlsx"
    write_template(UNIT, bloc, 2024, "hnd", None, paths["blank"])
    return paths


@pytest.fixture(scope="session")
def books(templates):
    return {name: openpyxl.load_workbook(path) for name, path in templates.items()}


@pytest.mark.parametrize("member", MEMBERS)
def test_a_template_reads_back_without_a_single_finding(templates, bloc, member):
    read = read_file(templates[member], bloc)
    assert read.findings == ()
    assert (read.member, read.year, read.form, read.revision) == (member, 2024, "TDKT-DV/1", 1)
    assert set(read.rows) == {"targets", "scores"}


def test_the_template_of_the_bloc_reads_back_without_a_single_finding(templates, bloc):
    read = read_file(templates["khoi"], bloc)
    assert read.findings == ()
    assert set(read.rows) == {"criteria", "scores", "roles"}
    assert len(read.rows["scores"]) == 2 * 6 * 10
    assert {row.values["member"] for row in read.rows["scores"]} == set(MEMBERS)
    assert [tuple(r.values.values()) for r in read.rows["roles"]] == [(2024, "lhpn", "head")]


def test_a_template_without_a_year_before_has_no_rows(templates, bloc):
    read = read_file(templates["blank"], bloc)
    assert (read.findings, dict(read.rows)) == ((), {})


def test_last_years_targets_are_filled_in_without_their_values(templates, bloc, samples):
    read = read_file(templates["hnd"], bloc)
    last = [r for r in samples.records("targets") if (r["year"], r["member"]) == (2023, "hnd")]
    carried = ("movement", "target_name", "unit", "assigned_by", "direction")
    assert [[row.values[n] for n in carried] for row in read.rows["targets"]] == [
        [row[n] for n in carried] for row in last
    ]
    assert all(row.values[n] is None for row in read.rows["targets"] for n in ("planned", "actual"))


def test_the_criteria_of_the_bloc_are_filled_in_for_every_member(templates, bloc, samples):
    criteria = [
        (r["criterion"], r["max_score"])
        for r in samples.records("criteria")
        if r["year"] == 2023 and r["kind"] != "deduction"
    ]
    for member in MEMBERS:
        rows = read_file(templates[member], bloc).rows["scores"]
        assert [(r.values["criterion"], r.values["max_score"]) for r in rows] == criteria


def test_last_years_values_stand_in_grey_beside_their_targets(books, samples):
    sheet = books["hnd"]["Chỉ tiêu"]
    last = [r for r in samples.records("targets") if (r["year"], r["member"]) == (2023, "hnd")]
    width = len(UNIT.table("targets").fields)
    assert sheet.cell(1, width + 1).value is None
    assert sheet.cell(1, width + 2).value == "Năm 2023: Kế hoạch"
    for number, row in enumerate(last, 2):
        planned, actual = sheet.cell(number, width + 2), sheet.cell(number, width + 3)
        assert (planned.value, actual.value) == (float(row["planned"]), float(row["actual"]))
        assert planned.fill.fgColor.rgb == "FFEDEDED"


@pytest.mark.parametrize("form", [UNIT, BLOC], ids=lambda form: form.family)
def test_no_heading_of_the_grey_block_means_a_field(form, books):
    """Else the reader would take last year's values for this year's."""
    book = books["khoi" if form is BLOC else "mttq"]
    for table in form.tables:
        row = 2 if any(f.group for f in table.fields) else 1
        grey = [c.value for c in book[table.sheet][row][len(table.fields) :] if c.value]
        assert all(match(table, Heading(1, 1, (heading,)), 2024) is None for heading in grey)
        compared = template_cells.guide_of(form, table).compare
        assert not compared or book is books["khoi"] or table.adds_up_to or grey


def test_headings_are_those_of_the_form(books):
    for form, name in ((UNIT, "hnd"), (BLOC, "khoi")):
        for table in form.tables:
            sheet = books[name][table.sheet]
            for column, field in enumerate(table.fields, 1):
                texts = {sheet.cell(1, column).value, sheet.cell(2, column).value}
                assert field.heading in texts


def test_headings_are_locked_and_cells_to_fill_in_are_not(books):
    for book, form in ((books["hnd"], UNIT), (books["khoi"], BLOC)):
        for table in form.tables:
            sheet = book[table.sheet]
            assert sheet.protection.sheet
            assert not sheet.protection.deleteRows  # False: allowed
            assert all(c.protection.locked for c in sheet[1][: len(table.fields)])
            assert not any(c.protection.locked for c in sheet[5][: len(table.fields)])
            assert not any(d.protection.locked for d in sheet.column_dimensions.values() if d.style)


def test_form_member_and_year_stand_in_locked_cells(books):
    sheet = books["hnd"]["Thông tin"]
    known = {row[0].value: row[1] for row in sheet.iter_rows(max_col=2)}
    assert known["Mã biểu"].value == "TDKT-DV/1"
    assert known["Đơn vị báo cáo"].value == "Hội Nông dân tỉnh Lai Châu"
    assert known["Năm báo cáo"].value == 2024
    assert all(known[label].protection.locked for label in ("Mã biểu", "Năm báo cáo"))
    assert not known["Số liệu tính đến ngày"].protection.locked


def test_every_cell_to_fill_in_has_a_check_with_vietnamese_words_within_excels_bounds(books):
    for book, form in ((books["hnd"], UNIT), (books["khoi"], BLOC)):
        for table in form.tables:
            checks = book[table.sheet].data_validations.dataValidation
            assert len(checks) == len(table.fields)
            for check in checks:
                assert 0 < len(check.errorTitle) <= 32
                assert 0 < len(check.error) <= 255
                assert len(check.promptTitle) <= 32
                assert len(check.prompt) <= 255


def test_lists_come_from_named_ranges_on_the_hidden_sheet_whatever_their_length(books, bloc):
    book = books["hnd"]
    lists = template_cells.choices(UNIT, bloc, 2024)
    assert any(len(",".join(texts)) > 255 for texts in lists.values())
    assert book[UNIT.choices].sheet_state == "hidden"
    for name, texts in lists.items():
        sheet, area = next(book.defined_names[f"chon_{name}"].destinations)
        assert tuple(row[0].value for row in book[sheet][area]) == texts
    formulas = {
        check.formula1
        for table in UNIT.tables
        for check in book[table.sheet].data_validations.dataValidation
        if check.type == "list"
    }
    assert formulas == {f"chon_{f.codes or f.type}" for t in UNIT.tables for f in t.fields
                        if f.type in ("code", "award")}  # fmt: skip


def test_every_entry_of_a_list_is_read_as_its_code(bloc):
    lists = template_cells.choices(UNIT, bloc, 2024)
    for codes in UNIT.codes:
        assert {UNIT.code_index[codes][_key(text)] for text in lists[codes]} == set(
            UNIT.codes[codes]
        )
    assert {
        bloc.match_member(text) for text in template_cells.choices(BLOC, bloc, 2024)["member"]
    } == set(MEMBERS)


def _key(text):
    from thidua_analysis.vietnamese.text import key

    return key(text)


def test_awards_of_the_list_exist_in_the_year(bloc):
    name = "Xã, phường, thị trấn tiêu biểu"
    assert name in template_cells.choices(UNIT, bloc, 2024)["award"]
    assert name not in template_cells.choices(UNIT, bloc, 2023)["award"]


def test_text_cells_have_text_format_so_that_excel_makes_no_dates_of_them(books):
    """Ranks are two columns; a rank typed as 25/82 stays what it is."""
    sheet = books["hnd"]["Xếp hạng"]
    assert [c.value for c in sheet[1][:5]] == [
        "Cụm, khối, phạm vi xếp hạng", "Cơ quan xếp hạng", "Hạng", "Tổng số đơn vị", "Ghi chú",
    ]  # fmt: skip
    assert [c.number_format for c in sheet[2][:5]] == ["@", "@", "@", "General", "@"]


def test_sheets_are_printed_readably_with_their_headings_frozen(books):
    """On A4, on A3 where a table has too many columns, and never smaller than 11 points."""
    room = {(9, "portrait"): 97, (9, "landscape"): 141, (8, "landscape"): 205}
    for book, form in ((books["hnd"], UNIT), (books["khoi"], BLOC)):
        for table in form.tables:
            sheet = book[table.sheet]
            paper = sheet.page_setup.paperSize, sheet.page_setup.orientation
            dims = [sheet.column_dimensions[get_column_letter(n)] for n in
                    range(1, len(table.fields) + 1)]  # fmt: skip
            assert sum(d.width - 0.71 for d in dims) <= room[paper] * 12 / 11, sheet.title
            assert (paper[0] == 8) == (len(table.fields) > 10), sheet.title
            assert sheet.page_setup.fitToWidth in (1, None)  # 1 is what none means
            assert sheet.page_setup.fitToHeight == 0
            assert sheet.freeze_panes
            assert sheet.print_title_rows
            assert sheet.print_area


def test_no_data_cell_is_merged_and_there_is_no_picture_without_alternative_text(templates, books):
    for table in UNIT.tables:
        height = 2 if any(f.group for f in table.fields) else 1
        assert all(m.max_row <= height for m in books["hnd"][table.sheet].merged_cells.ranges)
    with zipfile.ZipFile(templates["hnd"]) as package:
        assert not [n for n in package.namelist() if "drawing" in n.lower() or "media" in n]


def test_instructions_show_one_worked_example_a_table(books):
    sheet = books["hnd"]["Hướng dẫn"]
    shown = [[c.value for c in row] for row in sheet.iter_rows(max_col=3)]
    for table in UNIT.tables:
        example = template_cells.guide_of(UNIT, table).example
        assert example, table.id
        at = next(n for n, row in enumerate(shown) if row[0] == table.sheet)
        block = {row[0]: row[2] for row in shown[at + 2 : at + 2 + len(table.fields)]}
        assert block[table.fields[0].heading] == example[table.fields[0].name]


@pytest.mark.parametrize(("form", "member"), [(UNIT, "hnd"), (BLOC, None)])
def test_a_template_for_a_cluster_calls_it_one(tmp_path, bloc, samples, form, member):
    cluster = structs.replace(bloc, name="Cụm thi đua số 3", kind="Cụm thi đua")
    path = tmp_path / "cum.xlsx"
    write_template(form, cluster, 2024, member, samples, path)
    book = openpyxl.load_workbook(path)
    words = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value]
    headings = {f.heading for table in form.tables for f in table.fields}
    headings |= {f.heading for f in form.info.fields}
    both = ("cụm, khối", "Cụm, khối")
    own = [w for w in words if w not in headings and not any(one in w for one in both)]
    assert [w for w in own if "khối" in w.lower()] == []
    assert any("gửi về cụm" in word for word in words)
    if form is BLOC:
        assert "Trưởng cụm" in words


@pytest.mark.parametrize("form", [UNIT, BLOC], ids=lambda form: form.family)
def test_the_worked_examples_are_right(tmp_path, bloc, form):
    """Typed into the template, they give one row a table and no error or warning."""
    path = tmp_path / "vi-du.xlsx"
    write_template(form, bloc, 2023, "hnd" if form is UNIT else None, None, path)
    book = openpyxl.load_workbook(path)
    told = [row[:3] for row in book["Hướng dẫn"].iter_rows(values_only=True)]
    for table in form.tables:
        height = 2 if any(f.group for f in table.fields) else 1
        for row in book[table.sheet].iter_rows(min_row=height + 1, max_row=height + 3):
            for cell in row[: len(table.fields)]:
                cell.value = None
        first = 2 + next(at for at, (name, *_) in enumerate(told) if name == table.sheet)
        shown = told[first : first + len(table.fields)]
        assert [heading for heading, _, _ in shown] == [f.heading for f in table.fields]
        for column, (_, _, example) in enumerate(shown, 1):
            book[table.sheet].cell(height + 1, column, example)
    book.save(path)
    read = read_file(path, bloc)
    kept = [f for f in read.findings if f.code != "lists-disagree"]
    assert kept == []
    assert set(read.rows) == {t.id for t in form.tables if not t.adds_up_to}


def test_hostile_text_of_last_year_stays_text(tmp_path, bloc, submissions):
    from dataclasses import replace

    from thidua_analysis.dataset import Dataset

    evil = '=HYPERLINK("http://example.invalid","x")'
    changed = []
    for one in submissions:
        rows = {
            t: tuple(
                structs.replace(r, values=r.values | {"target_name": evil}) if t == "targets" else r
                for r in rs
            )
            for t, rs in one.rows.items()
        }
        changed.append(replace(one, rows=rows))
    path = tmp_path / "a.xlsx"
    write_template(UNIT, bloc, 2024, "hnd", Dataset.of(changed, bloc), path)
    cell = openpyxl.load_workbook(path)["Chỉ tiêu"]["B2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (evil, "s", None)
    assert read_file(path, bloc).rows["targets"][0].values["target_name"] == evil


def test_a_member_that_does_not_exist_is_refused(tmp_path, bloc):
    with pytest.raises(KeyError):
        write_template(UNIT, bloc, 2024, "abc", None, tmp_path / "a.xlsx")


def test_the_guide_knows_every_table_of_the_current_forms():
    for form in (UNIT, BLOC):
        assert set(template_cells.guide()[form.family]) == {table.id for table in form.tables}


def test_dates_of_last_year_are_shown_as_dates(books):
    sheet = books["hnd"]["Phong trào thi đua"]
    shown = [
        c for row in sheet.iter_rows(min_row=2) for c in row if isinstance(c.value, dt.datetime)
    ]
    assert shown
    assert {c.number_format for c in shown} == {"dd/mm/yyyy"}


def test_the_size_that_a_sheet_states_is_that_of_its_cells(templates):
    """Formatted columns to the end would make some programs read 16,384 of them."""
    with zipfile.ZipFile(templates["hnd"]) as package:
        sheets = [n for n in package.namelist() if n.startswith("xl/worksheets/sheet")]
        assert not any(b":XFD" in package.read(name) for name in sheets)


def test_rows_that_contradict_themselves_turn_red_before_any_other_rule(books):
    sheet = books["hnd"]["Khen thưởng"]
    rules = {
        str(area.sqref): [rule.formula[0] for rule in sorted(rules, key=lambda r: r.priority)]
        for area, rules in sheet.conditional_formatting._cf_rules.items()
    }
    women = next(formulas for area, formulas in rules.items() if area.startswith("N3:"))
    assert women[0] == "AND(ISNUMBER($N3),ISNUMBER($H3),$N3>$H3)"
    whole = next(formulas for area, formulas in rules.items() if area.startswith("H3:"))
    assert whole[0] == "AND(COUNT($I3,$J3,$K3,$L3,$M3)>0,SUM($I3,$J3,$K3,$L3,$M3)<>N($H3))"


def test_a_long_name_has_a_line_of_its_own_on_paper_and_room_in_its_cell(books, bloc):
    """The name of the bloc is longer than half a page."""
    book = books["khoi"]
    for sheet in book.worksheets[1:-1]:
        head, foot = sheet.oddHeader, sheet.oddFooter
        assert head.center.text.startswith(f"{bloc.name}\n")
        assert head.left.text is None is head.right.text
        assert foot.center.text is None
    info = book["Thông tin"]
    (row,) = (r[1].row for r in info.iter_rows() if r[1].value == bloc.name)
    assert info.row_dimensions[row].height > 30


def test_the_name_of_a_member_stands_in_one_line_and_a_carried_text_in_few(books, bloc):
    scores = books["khoi"]["Thẩm định"]
    for row in scores.iter_rows(min_row=2, max_row=61):
        assert row[0].value.endswith(bloc.province)
        assert scores.row_dimensions[row[0].row].height < 2 * 16.5, row[0].value
    targets = books["ldld"]["Chỉ tiêu"]
    giver = targets.column_dimensions["D"].width
    assert max(len(row[3].value or "") for row in targets.iter_rows(min_row=2)) < 3 * giver


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_year_above_a_printed_page_is_not_read_as_the_size_of_its_letters(lang):
    """After ``&12`` the digits of a year would be more of that number, and nothing is printed."""
    head = text("template-print-title", lang, title="CHỈ TIÊU", year=2024)
    assert "2024" in re.sub(r"&\d+", "", head)


@pytest.mark.parametrize(
    ("name", "signs"), [("hnd", "Thủ trưởng đơn vị"), ("khoi", "Trưởng khối thi đua")]
)
def test_each_sheet_to_fill_in_prints_unit_title_year_and_who_signs(books, name, signs):
    """As heads and feet of the page: nobody types over them and the reader sees no cell."""
    for sheet in books[name].worksheets[1:-1]:
        head, foot = sheet.oddHeader, sheet.oddFooter
        assert sheet.title.upper() in head.center.text
        assert "Năm 2024" in head.center.text
        assert "Người lập biểu" in foot.left.text
        assert signs in foot.right.text
        assert "ngày …… tháng …… năm" in foot.right.text
        assert not sheet.HeaderFooter.scaleWithDoc
        assert len(foot.left.text + foot.right.text) < 250


def test_numbers_of_last_year_have_vietnamese_separators_wherever_they_are_opened(books):
    shown = {c.number_format for row in books["hnd"]["Chỉ tiêu"].iter_rows() for c in row}
    assert "[$-42A]#,##0" in shown
    assert not any(f.startswith("#,##0") for f in shown)


def test_examples_are_shown_as_they_are_typed(books):
    """Without separators, as the steps above them ask."""
    sheet = books["hnd"]["Hướng dẫn"]
    numbers = [row[2] for row in sheet.iter_rows() if isinstance(row[2].value, int | float)]
    assert len(numbers) > 10
    assert {cell.number_format for cell in numbers} <= {"General", "0"}
