"""Vietnamese and English say the same: keys, placeholders, pages, figures."""

import ast
import datetime as dt
import json
import re
import shutil
import tomllib
import unicodedata
from base64 import b64decode
from collections import Counter
from fractions import Fraction
from functools import cache
from html import unescape
from pathlib import Path
from string import Formatter

import pytest

import thidua_analysis as td
from thidua_analysis.charts import phrases
from thidua_analysis.findings import CODES
from thidua_analysis.form.awards import awards
from thidua_analysis.indicators.dictionary import dictionary
from thidua_analysis.messages import LANGUAGES, keys, language, message, speaking, text
from thidua_analysis.publish import report
from thidua_analysis.store import tidy
from thidua_analysis.vietnamese import display

PACKAGE = Path(td.__file__).parent
ROOT = Path(__file__).parents[1]
#: Functions and classes whose first argument is the key of a message.
SAYS = re.compile(r"text|[A-Z]\w+Error")
KEY = re.compile(r"[a-z]\w*(?:-\w+)+")
#: What English may leave out: it says "the bloc" and "each" whatever the groups are called.
UNSAID = {"bloc", "noun"}
VIETNAMESE = re.compile(
    "[ăâđêôơưạảãàáậầấẩẫắằặẳẵéèẻẽẹếềệểễíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ]", re.I
)


def _strings(value):
    """Yield every key and every text in what a TOML file holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


@cache
def trees():
    return {p: ast.parse(p.read_text("utf-8")) for p in sorted(PACKAGE.rglob("*.py"))}


@cache
def words():
    """Return every string of the code and of the settings, whole and word by word."""
    found = set()
    for tree in trees().values():
        found |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        found |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for path in PACKAGE.rglob("*.toml"):
        if path.parent.name != "messages":
            found |= set(_strings(tomllib.loads(path.read_text("utf-8"))))
    # documents are written from outlines, which name the parts to be filled in
    found |= {message(key)["vi"] for key in keys() if key.startswith("documents-")}
    return found | {word for one in found for word in re.split(r"[\s|.]+", one)}


@cache
def built():
    """Return how keys are put together: patterns with a group for each part that varies."""
    patterns = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            parts = []
            if isinstance(node, ast.JoinedStr):
                parts = [getattr(one, "value", None) for one in node.values]
                parts = [one if isinstance(one, str) else None for one in parts]
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                sides = (node.left, node.right)
                parts = [one.value if isinstance(one, ast.Constant) else None for one in sides]
            told = "".join(one for one in parts if isinstance(one, str))
            if re.search(r"[a-z]{2,}-|-[a-z]{2,}", told):
                shape = "".join("(.+)" if one is None else re.escape(str(one)) for one in parts)
                patterns.add(re.compile(shape))
    return patterns


def is_used(key):
    if key in words():
        return True
    # a finding is described by its code with what it is of, a param by its kind
    parted = [(key[:at], key[at + 1 :]) for at, sign in enumerate(key) if sign == "-"]
    if any(a in {*CODES, "format", "bound"} and b in words() for a, b in parted):
        return True
    for pattern in built():
        found = pattern.fullmatch(key)
        if found and all(part in words() or part.isdecimal() for part in found.groups()):
            return True
    return False


def said_in_code():
    """Yield the keys that the code says as they stand, with their place."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            if SAYS.fullmatch(name):
                ends = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                for end in ends:
                    said = getattr(end, "value", None)
                    if isinstance(said, str) and KEY.fullmatch(said):
                        yield said, f"{path.name}:{node.lineno}"


def placeholders(words):
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def test_every_message_is_said_somewhere():
    assert [key for key in keys() if not is_used(key)] == []


def test_every_message_that_the_code_says_stands_in_the_catalogue():
    found = list(said_in_code())
    assert [f"{place}: {key}" for key, place in found if key not in keys()] == []
    assert len(found) > 400


def test_a_message_has_the_same_placeholders_in_both_languages():
    found = {key: [placeholders(message(key)[lang]) for lang in LANGUAGES] for key in keys()}
    assert [key for key, (vi, en) in found.items() if en - vi or vi - en - UNSAID] == []


def test_english_messages_hold_vietnamese_in_quotes_only():
    # headings of the official forms are printed as the circular has them
    told = {key: message(key)["en"] for key in keys() if not key.startswith("official-")}
    told |= {name: f"{about.label.en} {about.missing.en}" for name, about in dictionary().items()}
    bare = {key: re.sub("“[^”]*”|'[^']*'|\"[^\"]*\"", "", words) for key, words in told.items()}
    assert [key for key, words in bare.items() if VIETNAMESE.search(words)] == []


def test_the_language_that_is_spoken_holds_where_none_is_named():
    with speaking("en"):
        assert language() == "en"
        assert (text("chart-same"), display.number(1234)) == ("unchanged", "1,234")
        assert (text("chart-same", "vi"), display.number(1234, 0, "vi")) == ("không đổi", "1.234")
        assert display.date(dt.date(2023, 12, 5)) == "5 December 2023"
    assert (language(), text("chart-same"), display.number(1234)) == ("vi", "không đổi", "1.234")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_day_is_read_as_it_is_printed(lang):
    days = [dt.date(2023, month, 9) for month in range(1, 13)]
    assert [display.printed_date(display.date(day, lang)) for day in days] == days
    assert display.printed_date("12 Targets 2023") is None


def test_one_is_no_plural_in_english():
    found = text("board-found", "en", errors=1, warnings=21)
    assert found == "1 error, 21 warnings"
    with speaking("en"):
        changes = [phrases.signed(Fraction(change), "awards") for change in (1, -1, 21)]
        assert changes == ["▲ +1 award", "▼ −1 award", "▲ +21 awards"]
        assert phrases.with_unit("1", "movements") == "1 movement"


def test_every_text_of_a_notebook_has_its_english():
    for path in (ROOT / "notebooks").rglob("*.ipynb"):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                told, english = "".join(cell["source"]), cell["metadata"].get("en", "")
                assert english, (path.name, told)
                assert not VIETNAMESE.search(english), (path.name, english)
                # the same headings, paragraph by paragraph
                shape = [re.match(r"#* ?", one)[0] for one in told.split("\n\n")]
                assert [re.match(r"#* ?", one)[0] for one in english.split("\n\n")] == shape


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Data folder of the samples, with the pages of 2023 by language and name."""
    project = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "tests" / "sample" / "data" / "raw", project / "data" / "raw")
    shutil.copytree(ROOT / "notebooks", project / "notebooks")
    made = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "browser", lambda: None)
        for lang in LANGUAGES:
            done = report.report(project / "data", 2023, lang=lang)
            assert not done.failed
            made[lang] = {name: (done.folder / name).read_text("utf-8") for name in done.pages}
    return project, made


def typed(data):
    """Return what members and the bloc typed, and the names of awards, the longest first."""
    ds = td.load(data)
    found = {v for name in tidy.stored() for row in ds.records(name) for v in row.values()}
    found |= {name for row in ds.records("cells") for name in row["sheet"].split("!")}
    for one in (ds.bloc, *ds.bloc.members):
        found |= {one.name, one.short}
    found |= {name for one in awards().values() for name in (one.name, "Bằng khen", "Giấy khen")}
    found |= {" hạng Nhất", " hạng Nhì", "Kỷ niệm chương", "Tỷ lệ (%)"}
    known = {one for one in found if isinstance(one, str) and VIETNAMESE.search(one)}
    return sorted(known, key=len, reverse=True)


def said_on(page):
    """Return what is said on a page: its text, alternative texts, the words of its pictures."""
    drawn = re.findall(r"data:image/svg\+xml;base64,([\w+/=]+)", page)
    words = [re.sub(r"data:[^\"]*|<style.*?</style>|<script.*?</script>", "", page, flags=re.S)]
    words += (" ".join(re.findall("<!-- (.*?) -->", b64decode(one).decode())) for one in drawn)
    # ids of figures hold the names of awards and levels as they are in every language
    told = re.sub(r"[a-z_]+/year=[^\n<]*", "", " ".join(words))
    told = unescape(re.sub(r"<(?!img|!--)[^>]*>", "\n", told))
    return unicodedata.normalize("NFC", re.sub("[ \xa0]+", " ", told))


@pytest.mark.slow
def test_the_english_report_says_nothing_in_vietnamese(reports):
    project, made = reports
    known = "|".join(map(re.escape, typed(project / "data")))
    names = re.compile(rf"(?<!\w)(?:{known})(?!\w)", re.I)
    for name, page in made["en"].items():
        assert '<html lang="en">' in page
        left = names.sub("", said_on(page))
        assert [one.strip() for one in left.splitlines() if VIETNAMESE.search(one)] == [], name
    # the search finds what it looks for
    assert VIETNAMESE.search(names.sub("", said_on(made["vi"]["index.html"])))


def figures(page, lang):
    """Return every figure that a page prints: its anchor and its numbers."""
    point, group = (",", ".") if lang == "vi" else (".", ",")
    for anchor, shown in re.findall(r'<a class="cells"[^>]*#([^"]+)">(.*?)</a>', page):
        numbers = re.findall(r"\d[\d.,]*", shown)
        yield anchor, *(one.replace(group, "").replace(point, ".") for one in numbers)


@pytest.mark.slow
def test_both_reports_print_the_same_figures(reports):
    _, made = reports
    assert list(made["vi"]) == list(made["en"])
    for name, page in made["vi"].items():
        assert Counter(figures(page, "vi")) == Counter(figures(made["en"][name], "en")), name
    assert sum(1 for page in made["en"].values() for _ in figures(page, "en")) > 800


@pytest.mark.slow
def test_the_english_report_stands_beside_the_vietnamese_one(reports):
    project, made = reports
    for lang, folder in (("vi", "reports/2023"), ("en", "reports/en/2023")):
        page = (project / folder / "index.html").read_text("utf-8")
        assert page == made[lang]["index.html"]
        assert f'<html lang="{lang}">' in page


def test_what_is_stored_does_not_depend_on_who_builds(tmp_path):
    for lang in LANGUAGES:
        raw = tmp_path / lang / "raw"
        # ten times as much as the year before is said in a finding, as a number
        shutil.copytree(ROOT / "tests" / "should_fail" / "jump-year-on-year" / "gap-muoi", raw)
        shutil.copy(ROOT / "tests" / "sample" / "data" / "raw" / "bloc.toml", raw)
        with speaking(lang):
            td.build(tmp_path / lang)
    vi, en = (
        {p.name: p.read_bytes() for p in sorted((tmp_path / lang / "processed").iterdir())}
        for lang in LANGUAGES
    )
    assert vi == en
