"""A marked copy is the sender's own workbook: only marked cells, comments and one sheet are new."""

import io
import re
import struct
import zipfile
import zlib

import openpyxl
import pytest
import xlsxwriter
from marked import colours
from openpyxl.comments import Comment
from openpyxl.styles import Border, Color, Font, GradientFill, PatternFill, Side

from thidua_analysis.exchange.listing import FILLS, Entry, Listing
from thidua_analysis.exchange.marked_notes import AUTHOR, said
from thidua_analysis.exchange.marked_package import UnmarkableError
from thidua_analysis.exchange.marking import Mark, mark

# openpyxl, which looks at the results here, says what it would lose
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")

LIST = Listing(
    "Cần sửa",
    (10, 20, 8, 60),
    (
        [Entry("Cần sửa: 1 lỗi", "title")],
        [Entry("Mức", "heading"), Entry("Trang", "heading"), Entry("Ô", "heading")],
        [Entry("LỖI", "error"), Entry("Chỉ tiêu"), Entry("C3", "link", ("Chỉ tiêu", "C3"))],
        [Entry("=1+1")],
    ),
)
MARKS = [
    Mark("Chỉ tiêu", "C3", "error", "LỖI: “mười” không phải số <&>."),
    Mark("Chỉ tiêu", "C3", "warning", "Cảnh báo: ô này cũng lạ."),
    Mark("Chỉ tiêu", "B4", "warning", "Cảnh báo: ghi chú của người gửi còn nguyên."),
    Mark("Chỉ tiêu", "E9", "error", "LỖI: ô trống."),
    Mark("Chỉ tiêu", "A30", "note", "Ghi chú: dòng chưa có trong tệp."),
]


PLACE = ("Row", "Column")


def png():
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + body)


@pytest.fixture(scope="module")
def rich():
    """A workbook with all that rewriting programs lose: shapes, pictures, extensions, charts."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    first, second = book.add_worksheet("Thông tin"), book.add_worksheet("Chỉ tiêu")
    third = book.add_worksheet("Danh mục")
    first.write("A1", "Mã biểu")
    first.insert_textbox("D2", "Ghi nhớ", {"description": "một hộp chữ"})
    first.insert_image("D9", "a.png", {"image_data": png(), "description": "ảnh"})
    money = book.add_format({"num_format": "#,##0", "bg_color": "#FFFF00", "bold": True})
    second.set_column("B:B", 33)
    second.set_column("E:E", 9, book.add_format({"num_format": "0.0%"}))
    second.write_row("A1", ["Phong trào", "Chỉ tiêu", "Kế hoạch"])
    second.write("C3", "mười", money)
    second.write_formula("C4", "=1+1", money, 2)
    second.write("B4", "x")
    second.write_comment("B4", "Tôi đã hỏi lại", {"author": "Người gửi"})
    second.write_comment("A2", "Ô khác", {"author": "Người gửi"})
    second.set_row(5, None, None, {"hidden": True})
    second.data_validation("C3:C9", {"validate": "list", "source": "='Danh mục'!$A$1:$A$3"})
    second.conditional_format("C3:C9", {"type": "data_bar", "data_bar_2010": True})
    second.add_sparkline("F3", {"range": "'Chỉ tiêu'!C3:C9"})
    second.merge_range("A10:C10", "ghi chú gộp")
    second.print_area("A1:F20")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "='Chỉ tiêu'!$C$3:$C$9"})
    third.insert_chart("A9", chart)
    third.hide()
    second.activate()
    book.close()
    return target.getvalue()


@pytest.fixture(scope="module")
def marked(rich):
    return mark(rich, MARKS, LIST)


def parts(data):
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_no_part_of_the_sender_changes_but_those_that_bear_marks(rich, marked):
    before, after = parts(rich), parts(marked)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {
        "[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml",
        "xl/worksheets/sheet2.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml",
    }  # fmt: skip
    assert set(after) - set(before) == {"xl/worksheets/sheet4.xml"}


def test_in_a_marked_sheet_only_conditional_formats_are_new(rich, marked):
    before, after = (p["xl/worksheets/sheet2.xml"].decode() for p in (parts(rich), parts(marked)))
    ours = re.compile(
        r'<conditionalFormatting sqref="[^"]*"><cfRule type="expression"[^>]*>'
        r"<formula>&quot;thidua-can-sua&quot;=.*?</conditionalFormatting>"
    )
    assert len(ours.findall(after)) == len(FILLS)
    assert ours.sub("", after) == before


def test_formats_in_use_stay_and_ours_are_added(rich, marked):
    before, after = (p["xl/styles.xml"].decode() for p in (parts(rich), parts(marked)))

    def formats(text):
        inside = re.search(r"<cellXfs[^>]*>(.*?)</cellXfs>", text, re.S)[1]
        return re.findall(r"<xf\b[^>]*?(?:/>|>.*?</xf>)", inside, re.S)

    assert formats(after)[: len(formats(before))] == formats(before)
    assert f'<cellXfs count="{len(formats(after))}"' in after
    assert '<dxfs count="0"/>' in before
    assert f'<dxfs count="{len(FILLS)}">' in after
    assert after.count("<dxf>") == len(FILLS)


def test_marked_cells_are_coloured_and_keep_their_own_format(rich, marked):
    before, after = (openpyxl.load_workbook(io.BytesIO(d))["Chỉ tiêu"] for d in (rich, marked))
    assert colours(after) == {"C3": FILLS["error"], "B4": FILLS["warning"], "E9": FILLS["error"],
                              "A30": FILLS["note"]}  # fmt: skip
    for cell in ("C3", "B4", "C4", "E9"):
        new, old = after[cell], before[cell]
        assert (new.number_format, repr(new.font), repr(new.fill)) == (
            old.number_format, repr(old.font), repr(old.fill))  # fmt: skip
    assert after["C3"].fill.fgColor.rgb == "FFFFFF00"
    assert after["C4"].value == "=1+1"


def test_conditions_of_the_sender_go_before_the_marks(marked):
    sheet = openpyxl.load_workbook(io.BytesIO(marked))["Chỉ tiêu"]
    rules = [rule for area in sheet.conditional_formatting for rule in area.rules]
    ours = {rule.priority for rule in rules if rule.type == "expression"}
    assert len(ours) == len(FILLS)
    assert max(rule.priority for rule in rules if rule.type == "dataBar") < min(ours)


def test_comments_say_every_finding_and_keep_what_the_sender_wrote(marked):
    sheet = openpyxl.load_workbook(io.BytesIO(marked))["Chỉ tiêu"]
    assert sheet["C3"].comment.text == said(f"{MARKS[0].text}\n\n{MARKS[1].text}")
    assert sheet["C3"].comment.author == AUTHOR
    assert sheet["B4"].comment.text == f"Tôi đã hỏi lại\n\n{said(MARKS[2].text)}"
    assert sheet["B4"].comment.author == "Người gửi"
    assert sheet["A2"].comment.text == "Ô khác"


def test_every_comment_has_one_box(marked):
    boxes = parts(marked)["xl/drawings/vmlDrawing1.vml"].decode()
    places = re.findall(
        r"<x:Row>(\d+)</x:Row><x:Column>(\d+)</x:Column>", re.sub(r"\s+", "", boxes)
    )
    assert sorted(places) == sorted([("1", "0"), ("3", "1"), ("2", "2"), ("8", "4"), ("29", "0")])
    numbers = re.findall(r'id="(_x0000_s\d+)"', boxes)
    assert len(set(numbers)) == len(numbers) == 5


def test_the_list_stands_first_and_links_to_the_cells(rich, marked):
    before, after = (openpyxl.load_workbook(io.BytesIO(d)) for d in (rich, marked))
    assert after.sheetnames == ["Cần sửa", *before.sheetnames]
    link = after["Cần sửa"]["C3"].hyperlink
    assert (link.location, link.target) == ("'Chỉ tiêu'!C3", None)
    assert after["Cần sửa"]["A4"].data_type in ("s", "inlineStr")
    assert after["Cần sửa"]["A4"].value == "=1+1"
    assert [s.sheet_state for s in after][1:] == [s.sheet_state for s in before]


def test_texts_of_neighbouring_columns_of_the_list_do_not_touch(marked):
    sheet = openpyxl.load_workbook(io.BytesIO(marked))["Cần sửa"]
    texts = [cell for row in sheet.iter_rows(min_row=3) for cell in row if cell.value]
    assert texts
    assert {cell.alignment.indent for cell in texts} == {1}


def test_what_counts_sheets_still_means_the_same_sheet(rich, marked):
    before, after = (openpyxl.load_workbook(io.BytesIO(d)) for d in (rich, marked))
    assert before["Chỉ tiêu"].print_area == after["Chỉ tiêu"].print_area != ""
    assert (before.active.title, after.active.title) == ("Chỉ tiêu", "Chỉ tiêu")
    selected = [s.title for s in after if s.sheet_view.tabSelected]
    assert selected == ["Chỉ tiêu"]  # two selected sheets would be edited together


def test_a_cell_within_a_merged_range_is_marked_where_the_range_shows(rich):
    made = mark(rich, [Mark("Chỉ tiêu", "B10", "error", "LỖI")], LIST)
    sheet = openpyxl.load_workbook(io.BytesIO(made))["Chỉ tiêu"]
    assert sheet["A10"].comment.text == said("LỖI")
    assert colours(sheet) == {"A10:C10": FILLS["error"]}


def test_marking_a_marked_copy_again_takes_former_marks_away(marked):
    """Members mend the marked copy itself and send it back."""
    again = mark(marked, [Mark("Chỉ tiêu", "A30", "error", "LỖI: vẫn vậy")], LIST)
    book = openpyxl.load_workbook(io.BytesIO(again))
    sheet = book["Chỉ tiêu"]
    assert book.sheetnames.count("Cần sửa") == 1
    assert sheet["C3"].comment is None
    assert colours(sheet) == {"A30": FILLS["error"]}
    assert sheet["C3"].fill.fgColor.rgb == "FFFFFF00"
    assert (sheet["C3"].number_format, sheet["C3"].font.bold) == ("#,##0", True)
    assert sheet["A30"].comment.text == said("LỖI: vẫn vậy")
    assert sheet["A2"].comment.text == "Ô khác"
    assert parts(again)["xl/drawings/vmlDrawing1.vml"].count(b"<v:shape ") == 3


def colours_in(data):
    return colours(openpyxl.load_workbook(io.BytesIO(data))["S"])


def looks(data, *cells):
    sheet = openpyxl.load_workbook(io.BytesIO(data))["S"]
    return [
        (c.number_format, c.font.b, c.border.left.style, c.fill.fill_type, c.fill.fgColor.rgb)
        if c.fill.fill_type != "linear"
        else c.fill.stop
        for c in (sheet[cell] for cell in cells)
    ]


@pytest.fixture
def painted():
    """A workbook with fills of the sender: plain ones, of the theme, and from one to another."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "S"
    for row, fill in enumerate(
        (
            PatternFill("solid", fgColor="FF92D050"),
            PatternFill("solid", fgColor=Color(theme=4, tint=0.4)),
            GradientFill(stop=("FFFFFF", "00B0F0")),
            PatternFill("lightUp", fgColor="FF000000"),
            PatternFill(),
        ),
        1,
    ):
        cell = sheet.cell(row, 1, 1.5)
        cell.fill, cell.number_format, cell.font = fill, "0.000", Font(bold=True)
        cell.border = Border(left=Side("thin"))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_fills_of_the_sender_are_never_touched_and_show_again_in_a_mended_cell(painted):
    cells = [f"A{n}" for n in range(1, 6)]
    before = looks(painted, *cells)
    marks = [Mark("S", cell, "error", "LỖI") for cell in cells]
    once = mark(painted, marks, LIST)
    for made in (once, mark(once, marks, LIST)):
        assert looks(made, *cells) == before
        assert colours_in(made) == dict.fromkeys(cells, FILLS["error"])
    assert colours_in(mark(once, marks[:1], LIST)) == {"A1": FILLS["error"]}
    cleared = mark(once, [], LIST)
    assert (looks(cleared, *cells), colours_in(cleared)) == (before, {})
    assert colours_in(mark(cleared, marks, LIST)) == colours_in(once)
    sheet = "xl/worksheets/sheet1.xml"
    drawing = re.compile(rb"<legacyDrawing [^>]*>")
    assert drawing.sub(b"", parts(cleared)[sheet]) == parts(painted)[sheet]


def test_marks_go_where_the_sender_deleted_the_list(painted):
    book = openpyxl.load_workbook(
        io.BytesIO(mark(painted, [Mark("S", "A1", "error", "LỖI")], LIST))
    )
    del book["Cần sửa"]
    target = io.BytesIO()
    book.save(target)
    again = mark(target.getvalue(), [], LIST)
    assert colours_in(again) == {}
    assert looks(again, "A1") == looks(painted, "A1")


def test_a_condition_of_the_sender_for_the_same_cells_stays():
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet("S")
    blue = book.add_format({"bg_color": "#0000FF"})
    rule = {"type": "formula", "criteria": "=$A$1>1", "format": blue}
    sheet.conditional_format("A1", rule)
    book.close()
    marks = [Mark("S", "A1", "error", "LỖI")]
    once = mark(target.getvalue(), marks, LIST)
    # a program that saves the copy puts both conditions of the cell into one element
    resaved = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(once)).save(resaved)
    for made in (once, resaved.getvalue(), mark(resaved.getvalue(), marks, LIST)):
        sheet = openpyxl.load_workbook(io.BytesIO(made))["S"]
        formulas = [r.formula[0] for area in sheet.conditional_formatting for r in area.rules]
        assert sorted(formulas) == ['"thidua-can-sua"="thidua-can-sua"', "$A$1>1"]
    assert colours_in(mark(resaved.getvalue(), [], LIST)) == {"A1": "FF0000FF"}


def test_boxes_are_told_apart_whatever_prefixes_a_program_gives_them():
    """openpyxl writes ns0, ns1, ns2: undeclared prefixes would make Excel repair the file."""
    from xml.etree import ElementTree as ET

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "S"
    sheet["A1"], sheet["B2"] = 1, 2
    sheet["A1"].comment = Comment("của tôi", "Người gửi")
    target = io.BytesIO()
    book.save(target)

    def boxes(data):
        found = []
        for name, part in parts(data).items():
            if name.endswith(".vml"):
                for shape in ET.fromstring(part).iter("{urn:schemas-microsoft-com:vml}shape"):
                    excel = "{urn:schemas-microsoft-com:office:excel}"
                    found.append(tuple(int(shape.find(f".//{excel}{n}").text) for n in PLACE))
        return sorted(found)

    marks = [Mark("S", "A1", "error", "LỖI"), Mark("S", "B2", "error", "LỖI")]
    once = mark(target.getvalue(), marks, LIST)
    assert boxes(once) == [(0, 0), (1, 1)]
    resaved = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(once)).save(resaved)
    assert boxes(mark(resaved.getvalue(), marks, LIST)) == [(0, 0), (1, 1)]
    assert boxes(mark(resaved.getvalue(), [], LIST)) == [(0, 0)]


# --- comments that the sender and we share ---------------------------------------------------


def comments_of(data):
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Chỉ tiêu"]
    return {c.coordinate: c.comment.text for row in sheet for c in row if c.comment}


def retyped(data, before, after):
    """What a sender types into a comment: the part of comments with other bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/comments1.xml":
                assert before.encode() in part
                part = part.replace(before.encode(), after.encode())
            new.writestr(name, part)
    return target.getvalue()


def test_marking_again_with_the_same_findings_changes_nothing_to_read(marked):
    again = mark(marked, MARKS, LIST)
    assert comments_of(again) == comments_of(marked)
    before, after = parts(marked), parts(again)
    assert after["xl/comments1.xml"] == before["xl/comments1.xml"]
    assert set(after) == set(before)
    assert parts(mark(again, MARKS, LIST))["xl/comments1.xml"] == before["xl/comments1.xml"]


def test_below_the_comment_of_the_sender_stands_the_newest_text_once(marked):
    again = mark(marked, [Mark("Chỉ tiêu", "B4", "error", "LỖI khác")], LIST)
    assert comments_of(again)["B4"] == f"Tôi đã hỏi lại\n\n{said('LỖI khác')}"


def test_without_findings_the_comment_of_the_sender_is_as_it_was(rich, marked):
    again = mark(marked, [], LIST)
    assert comments_of(again) == comments_of(rich)
    sheet = openpyxl.load_workbook(io.BytesIO(again))["Chỉ tiêu"]
    assert sheet["B4"].comment.author == "Người gửi"
    assert colours(sheet) == {}


@pytest.mark.parametrize("mine", ["  giữ nguyên &amp; đủ\n\n", "a\n\n\n", "x "])
def test_text_of_the_sender_is_kept_to_the_letter(rich, mine):
    own = retyped(rich, ">Tôi đã hỏi lại<", f' xml:space="preserve">{mine}<')
    again = mark(mark(own, MARKS, LIST), [], LIST)
    assert comments_of(again) == comments_of(own)


def test_an_answer_that_the_sender_types_into_our_comment_stays(marked):
    answer = "\nĐã sửa theo công văn 12"
    sent = retyped(marked, "\n[Hết]</t></r></text></comment></commentList>",
                   f"\n[Hết]{answer}</t></r></text></comment></commentList>")  # fmt: skip
    place = next(a for a, text in comments_of(sent).items() if text.endswith(answer))
    assert comments_of(mark(sent, [], LIST))[place] == answer
    again = mark(sent, [Mark("Chỉ tiêu", place, "error", "LỖI: vẫn vậy")], LIST)
    assert comments_of(again)[place] == f"{answer}\n\n{said('LỖI: vẫn vậy')}"
    boxes = parts(again)["xl/drawings/vmlDrawing1.vml"].count(b"<v:shape ")
    assert boxes == len(comments_of(again))


def test_a_text_of_ours_that_a_program_cut_into_runs_is_found_whole(marked):
    cut = retyped(marked, "ghi chú của người gửi", "ghi chú</t></r><r><t> của người gửi")
    again = mark(cut, [], LIST)
    assert comments_of(again)["B4"] == "Tôi đã hỏi lại"


def test_colours_go_where_the_sender_deleted_the_comments(marked):
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(marked)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/comments1.xml":
                part = re.sub(rb"<comment .*</comment>", b"", part, flags=re.S)
                part = part.replace(AUTHOR.encode(), b"x")
            new.writestr(name, part)
    sheet = openpyxl.load_workbook(io.BytesIO(mark(target.getvalue(), [], LIST)))["Chỉ tiêu"]
    assert colours(sheet) == {}


def test_marks_without_a_list_of_styles_or_comments_in_the_package():
    plain = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        'package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="a" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": '<x:workbook xmlns:x="http://schemas.openxmlformats.org/'
        'spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships"><x:sheets><x:sheet name="A&amp;B" sheetId="7" r:id="b"/></x:sheets>'
        "</x:workbook>",
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/'
        'package/2006/relationships"><Relationship Id="b" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/worksheet" Target="worksheets/s.xml"/></Relationships>',
        "xl/worksheets/s.xml": '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/'
        'spreadsheetml/2006/main"><x:sheetData><x:row><x:c><x:v>1</x:v></x:c><x:c/></x:row>'
        '<x:row r="5"/></x:sheetData></x:worksheet>',
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name, content in plain.items():
            package.writestr(name, content)
    wanted = {"A1": "error", "B1": "note", "C1": "note", "B5": "warning", "A3": "error",
              "D9": "error"}  # fmt: skip
    marks = [Mark("A&B", cell, severity, cell) for cell, severity in wanted.items()]
    book = openpyxl.load_workbook(io.BytesIO(mark(target.getvalue(), marks, LIST)))
    sheet = book["A&B"]
    assert {a: sheet[a].comment.text for a in wanted} == {a: said(a) for a in wanted}
    assert colours(sheet) == {a: FILLS[s] for a, s in wanted.items()}
    assert sheet["A1"].value == 1


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06" + bytes(18), b"no zip"])
def test_what_is_no_package_cannot_be_marked(data):
    with pytest.raises(UnmarkableError):
        mark(data, MARKS, LIST)


def test_characters_that_xml_does_not_allow_do_not_break_the_copy(rich):
    made = mark(rich, [Mark("Chỉ tiêu", "C3", "error", "a\x00\x0b\ud800\r\nb")], LIST)
    text = openpyxl.load_workbook(io.BytesIO(made))["Chỉ tiêu"]["C3"].comment.text
    assert text.splitlines()[1].startswith("a")
    assert text.splitlines()[-2].endswith("b")


@pytest.mark.office
@pytest.mark.slow
def test_libreoffice_opens_the_marked_copy_and_keeps_colours_comments_and_links(
    tmp_path, marked, office
):
    path = tmp_path / "a-can-sua.xlsx"
    path.write_bytes(marked)
    book = openpyxl.load_workbook(office(path, "xlsx"))
    sheet = book["Chỉ tiêu"]
    assert book.sheetnames[0] == "Cần sửa"
    assert colours(sheet) == {
        "C3": FILLS["error"], "B4": FILLS["warning"], "E9": FILLS["error"], "A30": FILLS["note"],
    }  # fmt: skip
    assert MARKS[0].text in sheet["C3"].comment.text
    assert MARKS[2].text in sheet["B4"].comment.text
    assert "Tôi đã hỏi lại" in sheet["B4"].comment.text
    assert {a for a in ("C3", "E9", "A30", "A2") if sheet[a].comment} == {"C3", "E9", "A30", "A2"}
    assert book["Cần sửa"]["C3"].hyperlink.location.replace("#", "") in (
        "'Chỉ tiêu'!C3", "$'Chỉ tiêu'.C3", "Chỉ tiêu!C3",
    )  # fmt: skip


@pytest.mark.office
@pytest.mark.slow
def test_marks_are_found_again_after_libreoffice_has_saved_the_copy(tmp_path, rich, marked, office):
    path = tmp_path / "b-can-sua.xlsx"
    path.write_bytes(marked)
    again = mark(office(path, "xlsx").read_bytes(), [MARKS[2]], LIST)
    found = comments_of(again)
    assert set(found) == {"B4", "A2"}
    assert found["B4"].endswith(f"Tôi đã hỏi lại\n\n{said(MARKS[2].text)}")
    sheet = openpyxl.load_workbook(io.BytesIO(again))["Chỉ tiêu"]
    assert colours(sheet) == {"B4": FILLS["warning"]}
    assert sheet["C3"].fill.fgColor.rgb == "FFFFFF00"
    cleared = comments_of(mark(again, [], LIST))
    assert set(cleared) == set(comments_of(rich))
    assert cleared["B4"].endswith("Tôi đã hỏi lại")
