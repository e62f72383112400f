"""The Word documents of the pack: what they say, what they leave open, how they are made."""

import io
import re
import shutil
import subprocess
import unicodedata
import zipfile
from collections import Counter

import docx
import pytest
from disturbed import DISTURBANCES, FLAG, disturbed
from docx.oxml.ns import qn
from lxml import etree
from PIL import Image

import thidua_analysis as td
from thidua_analysis import charts, indicators, publish
from thidua_analysis.charts.series import records
from thidua_analysis.form.bloc import Quota, Scoring
from thidua_analysis.lineage.register import unmarked
from thidua_analysis.messages import message, text
from thidua_analysis.publish import documents, lists
from thidua_analysis.publish.documents import FILES, write_documents
from thidua_analysis.publish.downloads import tables_of
from thidua_analysis.publish.first_screen import facts
from thidua_analysis.publish.pack import Pack, Shown
from thidua_analysis.publish.status import up_to

YEAR = 2023
BANNER = "Số liệu minh họa, không phải số liệu thật"


def shown(chart, indicator, folder):
    """A chart of the report, with its picture alone."""
    path = chart.save(folder / f"{indicator}.png")
    return Shown(
        indicator, "", chart.title, chart.subtitle, chart.alt, chart.source, None, (), (),
        (f"{indicator}/year={YEAR}/level=state",), {"png": path.read_bytes()},
    )  # fmt: skip


def pack_of(ds, folder, shown=()):
    made = Pack.of(up_to(ds, YEAR), YEAR, folder, [])
    return Pack(**{**vars(made), "charts": tuple(shown)})


@pytest.fixture(scope="module")
def pack(samples, tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    near = samples.filter(year=[YEAR - 1, YEAR])
    drawn = [
        shown(charts.bars(indicators.awards_by_level(near, by=("year", "level"))), name, folder)
        for name in ("awards_by_level", "women_share")
    ]
    return pack_of(samples, folder, drawn)


@pytest.fixture(scope="module")
def written(pack):
    paths = write_documents(pack)
    assert [path.name for path in paths] == list(FILES.values())
    return {kind: path.read_bytes() for kind, path in zip(FILES, paths, strict=True)}


def opened(data):
    return docx.Document(io.BytesIO(data))


def documents_of(small, folder):
    write_documents(pack_of(small.dataset(), folder))
    return {kind: docx.Document(folder / name) for kind, name in FILES.items()}


@pytest.fixture(scope="module")
def papers(written):
    return {kind: opened(data) for kind, data in written.items()}


def words_of(paper):
    """All texts of a document in their order, a line a paragraph or cell."""
    lines = []
    for p in paper.element.body.iter(qn("w:p")):
        lines.append("".join(t.text or "" for t in p.iter(qn("w:t"))))
    return "\n".join(lines)


def headings(paper, level=1):
    return [p.text for p in paper.paragraphs if p.style.style_id == f"Heading{level}"]


def tables(paper):
    """Rows of the tables of figures, by caption."""
    found = {}
    for table in paper.tables:
        if table.style.style_id == "Figures":
            caption = table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
            found[caption] = [[cell.text for cell in row.cells] for row in table.rows]
    return found


def test_the_report_has_its_parts_in_the_order_of_such_reports(papers):
    assert headings(papers["report"]) == [
        "Kết quả các phong trào thi đua",
        "Kết quả thực hiện chỉ tiêu",
        "Công tác khen thưởng",
        "Chấm điểm và suy tôn",
        "Trưởng khối và giao ước thi đua năm 2024",
    ]
    titles = [p.text for p in papers["report"].paragraphs if p.style.name in ("Title", "Subtitle")]
    assert titles == ["Báo cáo", "Tổng kết công tác thi đua, khen thưởng năm 2023"]


@pytest.mark.parametrize("part", ["commendations", "targets", "scores"])
def test_the_report_says_the_sentences_of_the_pages(papers, pack, part):
    said = words_of(papers["report"]).splitlines()
    assert all(unmarked(one) in said for one in facts(pack.ds, YEAR, part))


def test_every_table_holds_what_the_pages_print(papers, pack):
    now = pack.ds.filter(year=YEAR)
    blocks = [
        publish.results(pack.ds, YEAR),
        publish.honours(pack.ds, YEAR),
        publish.ranking(pack.ds, YEAR),
        publish.table(
            indicators.awards_by_level(now, by=("member", "level")),
            across="level",
            total=indicators.awards_by_level(now, by=("level",)),
        ),
    ]
    found = tables(papers["report"])
    for table in tables_of(block.html for block in blocks):
        rows = [table.head, *([cell.text for cell in row] for row in table.rows)]
        assert found[table.caption] == rows


def test_targets_stand_below_the_name_of_their_member(papers, pack):
    (wide,) = (t for t in tables_of([publish.targets(pack.ds, YEAR).html]) if t.head[0] == "Nhóm")
    rows = tables(papers["report"])[wide.caption][1:]
    groups = [row[0] for row in rows if len(set(row)) == 1]
    assert groups == list(dict.fromkeys(row[0].text for row in wide.rows))
    assert [r for r in rows if len(set(r)) > 1] == [[c.text for c in r[1:]] for r in wide.rows]


def test_a_chart_is_a_picture_of_its_plot_with_its_words_as_text(papers, pack):
    chart = pack.charts[0]
    pictures = list(papers["report"].element.body.iter(qn("wp:docPr")))
    alt = chart.alt.removesuffix(text("chart-table-below")).strip()
    assert [picture.get("descr") for picture in pictures] == [alt]
    said = words_of(papers["report"])
    assert f"Biểu đồ 1. {chart.title}\n" in said
    assert f"{chart.subtitle} {chart.source}" in said
    (cropped,) = papers["report"].element.body.iter(qn("a:srcRect"))
    top, bottom = (int(cropped.get(edge)) / 1e5 for edge in "tb")
    picture = Image.open(io.BytesIO(chart.files["png"])).convert("L")
    high = picture.height
    kept = picture.crop((0, round(top * high), picture.width, round((1 - bottom) * high)))
    assert 0.1 < top < 0.4
    assert 0.05 < bottom < 0.9
    # nothing of the plot is cut, and nothing but paper is left at its edges
    assert kept.getbbox() == (0, 0, *kept.size)
    assert kept.crop((0, 0, kept.width, 4)).getextrema()[0] < 255
    (extent,) = papers["report"].element.body.iter(qn("wp:extent"))
    wide, tall = int(extent.get("cx")), int(extent.get("cy"))
    assert wide / tall == pytest.approx(kept.width / kept.height, rel=0.01)


def test_tables_and_charts_are_numbered_by_fields(papers):
    for paper in papers.values():
        fields = [f.get(qn("w:instr")) for f in paper.element.body.iter(qn("w:fldSimple"))]
        captions = [p for p in paper.paragraphs if p.style.style_id == "Caption"]
        assert len(fields) == len(captions)
        numbers = [int(re.search(r"\d+", "".join(t.text for t in p._p.iter(qn("w:t"))))[0])
                   for p in captions if "SEQ Bảng" in p._p.xml]  # fmt: skip
        assert numbers == list(range(1, len(numbers) + 1))


def test_every_look_is_a_style_and_no_style_is_missing(papers):
    for paper in papers.values():
        known = {style.style_id for style in paper.styles}
        for part in (paper.element.body, paper.sections[0].header._element):
            for p in part.iter(qn("w:p")):
                properties = p.find(qn("w:pPr"))
                assert [one.tag for one in properties] == [qn("w:pStyle")]
                assert properties[0].get(qn("w:val")) in known
            assert not list(part.iter(qn("w:rPr")))


def test_page_and_letters_are_those_of_the_decree_on_documents(papers):
    for kind, paper in papers.items():
        section = paper.sections[0]
        assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
        assert 20 <= round(section.top_margin.mm) <= 25
        assert 20 <= round(section.bottom_margin.mm) <= 25
        assert 30 <= round(section.left_margin.mm) <= 35
        assert 15 <= round(section.right_margin.mm) <= 20
        assert section.different_first_page_header_footer
        assert 'w:instr="PAGE"' in section.header._element.xml
        assert "PAGE" not in section.first_page_header._element.xml
        (font,) = paper.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr/w:rFonts")
        assert font.get(qn("w:ascii")) == "Times New Roman"
        (size,) = paper.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr/w:sz")
        assert size.get(qn("w:val")) in ("26", "28")
        said = words_of(paper)
        for line in (
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n",
            {"report": "Số: ……/BC-……", "minutes": "Số: ……/BB-……", "proposal": "Số: ……/TTr-……"}[
                kind
            ],
        ):
            assert line in said
        dated = "Lai Châu, ngày …… tháng …… năm ……" in said
        assert dated == (kind != "minutes")
        assert ("Nơi nhận:" in said) == (kind != "minutes")
        assert said.count("./.") == 1


def test_minutes_and_proposal_are_drafts_the_report_is_none(papers):
    drafts = {kind: "DỰ THẢO" in words_of(paper) for kind, paper in papers.items()}
    assert drafts == {"report": False, "minutes": True, "proposal": True}


def test_every_page_says_that_the_figures_are_not_real(papers):
    for paper in papers.values():
        section = paper.sections[0]
        for header in (section.first_page_header, section.header):
            assert BANNER in [p.text for p in header.paragraphs]


def test_real_figures_have_no_banner(tmp_path):
    for paper in documents_of(disturbed(), tmp_path).values():
        section = paper.sections[0]
        for header in (section.first_page_header, section.header):
            assert "".join(p.text for p in header.paragraphs) == ""
        assert BANNER not in words_of(paper)


def test_who_leads_is_told_for_both_years(papers):
    said = words_of(papers["report"])
    assert (
        "Năm 2023: Trưởng khối là Liên đoàn Lao động tỉnh; "
        "Phó trưởng khối là Hội Liên hiệp Phụ nữ tỉnh.\n"
        "Năm 2024: Trưởng khối là Hội Liên hiệp Phụ nữ tỉnh; Phó trưởng khối là …….\n"
    ) in said


def test_who_leads_in_the_year_after_is_read_from_the_forms_of_the_year(built, tmp_path):
    shutil.copytree(built, tmp_path / "data")
    settings = tmp_path / "data" / "raw" / "bloc.toml"
    kept = re.sub(r"(?s)\[\[roles\]\].*?(?=\n#|\n\[)", "", settings.read_text(encoding="utf-8"))
    settings.write_text(kept, encoding="utf-8")
    ds = td.load(tmp_path / "data")
    assert not ds.bloc.roles
    write_documents(pack_of(ds, tmp_path))
    said = words_of(docx.Document(tmp_path / FILES["report"]))
    assert "Năm 2024: Trưởng khối là Hội Liên hiệp Phụ nữ tỉnh; Phó trưởng khối là …….\n" in said


def test_the_state_of_the_data_names_who_sent_but_no_warnings(papers, pack):
    assert "cảnh báo" in pack.state
    said = words_of(papers["report"])
    assert f"{BANNER}. 6/6 đơn vị đã gửi báo cáo. Báo cáo không ghi ngày chốt số liệu.\n" in said
    assert "cảnh báo" not in said


def test_the_minutes_hold_votes_honours_and_blanks_for_people(papers, pack):
    said, found = words_of(papers["minutes"]), tables(papers["minutes"])
    assert "Cờ thi đua của UBND tỉnh: Liên đoàn Lao động tỉnh." in said
    assert "Bằng khen của UBND tỉnh: Hội Liên hiệp Phụ nữ tỉnh, Hội Nông dân tỉnh." in said
    assert "Cờ thi đua của UBND tỉnh: 1 suất." in said
    people = found["Đại diện các đơn vị thành viên"][1:]
    assert [row[1] for row in people] == [m.name for m in pack.ds.bloc.members]
    assert {row[2] for row in people} == {"………………"}
    votes = {(row["member"], row["honour"]): row["text"]
             for row in records(indicators.vote_share(pack.ds, year=YEAR))}  # fmt: skip
    printed = found["Phiếu đồng ý và thứ tự suy tôn năm 2023"][1:]
    assert sorted(row[2] for row in printed) == sorted(votes.values())


def test_the_proposal_names_whom_the_bloc_voted_with_points_votes_and_targets(papers):
    found = tables(papers["proposal"])
    assert found == {
        "Đơn vị đề nghị tặng Cờ thi đua của UBND tỉnh": [
            ["STT", "Đơn vị", "Hạng", "Điểm", "Phiếu đồng ý", "Chỉ tiêu đạt và vượt"],
            ["1", "Liên đoàn Lao động tỉnh", "1/6", "486,00", "6/6", "6/7"],
        ],
        "Đơn vị đề nghị tặng Bằng khen của UBND tỉnh": [
            ["STT", "Đơn vị", "Hạng", "Điểm", "Phiếu đồng ý", "Chỉ tiêu đạt và vượt"],
            ["1", "Hội Liên hiệp Phụ nữ tỉnh", "2/6", "479,50", "6/6", "5/7"],
            ["2", "Hội Nông dân tỉnh", "3/6", "473,50", "5/6", "5/6"],
        ],
    }


def test_without_votes_the_proposal_has_blanks_and_says_who_is_first_by_points(tmp_path):
    small = disturbed()
    del small.forms[YEAR]["honours"], small.forms[YEAR]["votes"]
    paper = documents_of(small, tmp_path)["proposal"]
    (rows,) = tables(paper).values()
    assert rows[1:] == [["1", "……", "……", "……", "……", "……"]]
    first = records(indicators.ranking(small.dataset(), YEAR))[0]["label"]
    assert f"chưa ghi kết quả suy tôn nên để trống. Xếp theo điểm trong số suất: {first}." in (
        words_of(paper)
    )


def test_places_for_which_nobody_was_voted_stay_blank(tmp_path):
    (rows,) = tables(documents_of(disturbed("large quota"), tmp_path)["proposal"]).values()
    assert [row[0] for row in rows[1:]] == list("123456")
    assert rows[1][1] == "Hội An tỉnh"
    assert {cell for row in rows[2:] for cell in row[1:]} == {"……"}


def test_more_members_than_places_are_told(tmp_path):
    small = disturbed()
    small.forms[YEAR]["honours"].append({"member": "binh", "honour": FLAG, "voted_rank": 2})
    said = words_of(documents_of(small, tmp_path)["proposal"])
    assert "Số đơn vị được suy tôn nhiều hơn số suất (1)." in said


def test_threshold_and_conditions_are_told(tmp_path):
    small = disturbed()
    rules = Scoring(vote_threshold=90, conditions={FLAG: ("Nội bộ đoàn kết",)})
    small.bloc["scoring"] = (rules,)
    made = documents_of(small, tmp_path)
    assert "khi có ít nhất 90% số phiếu đồng ý." in words_of(made["minutes"])
    assert "Đề nghị xác nhận: Nội bộ đoàn kết." in words_of(made["proposal"])


def test_what_the_data_do_not_say_is_a_blank(tmp_path):
    small = disturbed("no year before")
    for sent in small.units.values():
        for table in ("targets", "movements", "results", "initiatives", "scores"):
            sent.pop(table, None)
    small.forms.clear()
    small.bloc |= {"quotas": ()}
    made = documents_of(small, tmp_path)
    report = words_of(made["report"])
    assert "Năm 2023: Trưởng khối là ……; Phó trưởng khối là …….\n" in report
    assert "Kết quả thực hiện chỉ tiêu\n……\nCông tác khen thưởng" in report
    assert "Kết quả chấm điểm\n……\nKết quả bỏ phiếu, suy tôn\n……\n" in report
    assert "Chưa có số liệu" not in "".join(map(words_of, made.values()))
    assert "Về việc đề nghị tặng …… năm 2023" in words_of(made["proposal"])
    assert "……: …… suất." in words_of(made["minutes"])
    for kind in ("minutes", "proposal"):
        for member in ("Hội An tỉnh", "Hội Bình tỉnh"):
            assert words_of(made[kind]).count(member) == (kind == "minutes")


def test_a_long_list_is_told_in_short_only(tmp_path):
    small = disturbed("reasons wanting")
    assert "<details" in publish.say_gaps(small.dataset(), YEAR).html
    report = documents_of(small, tmp_path)["report"]
    listed = [p.text for p in report.paragraphs if p.style.style_id == "ListBullet"]
    assert not [one for one in listed if not re.match("Chưa đạt|Về đích|Cùng về đích", one)]
    assert "chưa ghi lý do: Hội An" in words_of(report)


@pytest.mark.slow
@pytest.mark.parametrize("name", DISTURBANCES)
def test_a_disturbed_bloc_has_its_documents(name, tmp_path):
    made = documents_of(disturbed(name), tmp_path)
    for paper in made.values():
        said = words_of(paper)
        assert not re.search(r"\{|\}|\?|None|nan|[\x00-\x08]", said)
        assert all(len(row) > 1 for rows in tables(paper).values() for row in rows)
    bloc = "Cụm" if name == "cluster" else "Khối"
    assert f"TM. {bloc.lower()} thi đua" in words_of(made["report"])


def test_a_bloc_of_twelve_members_fits_its_pages(tmp_path):
    small = disturbed(members=("an", "binh", "chau", "dong", "em", "giang"))
    small.bloc["quotas"] = (Quota(honour=FLAG, places=12),)
    for paper in documents_of(small, tmp_path).values():
        for table in paper.tables:
            assert sum(column.width.mm for column in table.columns) <= 165.5


def test_texts_from_files_stay_texts(tmp_path):
    small = disturbed()
    hostile = "=1+1 @results <w:b/> {year} & # x\x0b"
    for row in small.units[YEAR, "an"]["targets"][:1]:
        row["target_name"] = hostile
    small.bloc["name"] = "@results {name} <b>"
    made = documents_of(small, tmp_path)
    said = words_of(made["report"])
    assert "=1+1 @results <w:b/> {year} & # x" in said
    assert "@results {name} <b> báo cáo kết quả" in said
    assert len(tables(made["report"])) == len(tables(documents_of(disturbed(), tmp_path)["report"]))


def test_heading_rows_repeat_and_every_table_and_document_says_what_it_is(papers):
    for paper in papers.values():
        for table in (t for t in paper.tables if t.style.style_id == "Figures"):
            heads = [row._tr.trPr is not None and row._tr.trPr.find(qn("w:tblHeader")) is not None
                     for row in table.rows]  # fmt: skip
            assert heads == [True] + [False] * (len(heads) - 1)
        about = paper.core_properties
        assert about.title.startswith(("Báo cáo ", "Biên bản ", "Tờ trình "))
        assert about.language == "vi-VN"


def test_the_same_data_give_the_same_bytes(pack, written, tmp_path):
    again = Pack(**{**vars(pack), "folder": tmp_path})
    assert {kind: (tmp_path / name).read_bytes() for kind, name in FILES.items()
            if write_documents(again)} == written  # fmt: skip
    for data in written.values():
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            assert {member.date_time[0] for member in package.infolist()} == {1980}


def test_both_outlines_ask_for_the_same(pack):
    for kind in FILES:
        asked = {
            lang: [line for line in outline.splitlines() if line.startswith(("@", "{", "*"))]
            for lang, outline in message(f"documents-{kind}").items()
        }
        names = {lang: [line.split()[0] for line in lines] for lang, lines in asked.items()}
        assert names["vi"] == names["en"]
        for name in (one[1:] for one in names["vi"] if one.startswith("@")):
            assert name in documents._BLOCKS or hasattr(publish, name) or hasattr(lists, name)


#: Order in which Word wants the parts of an element (ISO 29500-1, transitional).
ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore widowControl numPr pBdr shd tabs spacing ind "
    "contextualSpacing jc textAlignment outlineLvl rPr sectPr",
    "rPr": "rStyle rFonts b bCs i iCs caps smallCaps color spacing sz szCs u lang",
    "tblPr": "tblStyle tblW jc tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption",
    "tcPr": "tcW gridSpan vMerge tcBorders shd vAlign",
    "style": "name basedOn next link semiHidden unhideWhenUsed qFormat pPr rPr tblPr trPr tcPr",
    "lvl": "start numFmt pStyle suff lvlText lvlJc pPr rPr",
    "numbering": "abstractNum num",
    "abstractNum": "multiLevelType lvl",
    "sectPr": "headerReference footerReference type pgSz pgMar cols titlePg docGrid",
    "tbl": "tblPr tblGrid tr",
    "tc": "tcPr p",
}
PARTS = ("word/document.xml", "word/styles.xml", "word/numbering.xml")


def test_word_finds_every_element_where_it_wants_it(written):
    for data in written.values():
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            roots = [etree.fromstring(package.read(name)) for name in PARTS]
            assert package.testzip() is None
        for one in (one for root in roots for one in root.iter(etree.Element)):
            wanted = ORDER.get(etree.QName(one).localname, "").split()
            inside = [etree.QName(child).localname for child in one.iterchildren(etree.Element)]
            if wanted:
                assert set(inside) <= set(wanted), (one.tag, inside)
                places = [wanted.index(name) for name in inside]
                assert places == sorted(places), (one.tag, inside)
        body = roots[0][0]
        assert etree.QName(body[-1]).localname == "sectPr"


@pytest.mark.slow
@pytest.mark.office
def test_libreoffice_prints_every_text_of_the_documents(written, tmp_path):
    office, reader = shutil.which("soffice"), shutil.which("pdftotext")
    if office is None or reader is None:
        pytest.skip("LibreOffice or pdftotext is not installed")
    for kind, data in written.items():
        (tmp_path / FILES[kind]).write_bytes(data)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    paths = [str(tmp_path / name) for name in FILES.values()]
    subprocess.run([*command, *paths], check=False, capture_output=True, timeout=180)
    for kind, data in written.items():
        pdf = (tmp_path / FILES[kind]).with_suffix(".pdf")
        if not pdf.is_file():
            pytest.skip("LibreOffice Writer is not installed")
        read = subprocess.run(
            [reader, "-raw", str(pdf), "-"], check=True, capture_output=True, text=True
        )
        pages = read.stdout.split("\f")[:-1]
        assert [int(page.split()[0]) for page in pages[1:]] == list(range(2, len(pages) + 1))
        # letters that the font lacks are printed with another one and read apart: they are counted
        lost = letters_of(words_of(opened(data))) - letters_of(read.stdout)
        assert not lost, kind


def letters_of(words):
    return Counter(re.sub(r"[\W_]", "", unicodedata.normalize("NFC", words).lower()))
