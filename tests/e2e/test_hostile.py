"""Text planted in every text field of a submission never runs and never becomes markup."""

import json
import shutil

import openpyxl
import pytest
from e2e_report import ROOT, once, shared, write_report

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAYLOAD = (
    "</td></table></main><script>window.hacked=1</script>"
    "<img class=planted src=x onerror=\"window.hacked=2\"><svg onload='window.hacked=3'>"
    "<b class=planted>đậm</b><!-- {{ 7*7 }} "
)
TEXTS = {
    "commendations": ("award",),
    "targets": ("movement", "target_name", "unit", "assigned_by"),
    "results": ("movement", "measure", "unit"),
    "movements": ("name",),
    "ranks": ("cluster", "ranked_by"),
    "scores": ("evidence",),
    "votes": ("honour",),
    "honours": ("honour", "authority"),
}
HABITS = [
    "year = 2023",
    "from thidua_analysis import publish\nds = publish.opening(year)\n"
    "bad = ds.targets['target_name'][ds.targets.member == 'mttq'].iloc[-1]",
    "ds.targets.tail(30)",
    "ds.targets.set_index('target_name').tail(30).style.set_caption(bad)",
    "from IPython.display import Markdown, HTML\nMarkdown(f'Chỉ tiêu **{bad}** và {bad}')",
    "print(f'{bad}')\nbad",
    "HTML(f'<p title=\"{bad}\">{bad}</p>')",
    "raise ValueError(bad)",
]


def plant(source, expected, target, payload=PAYLOAD):
    """Copy a workbook with the payload behind every text of its rows."""
    rows = json.loads(expected.read_text(encoding="utf-8"))
    book = openpyxl.load_workbook(source)
    planted = 0
    for table, fields in TEXTS.items():
        for row in rows.get(table, []):
            for field in fields:
                if ref := row["_cells"].get(field):
                    cell = book[row["_row"]["sheet"]][ref]
                    cell.value = f"{row[field]}{payload}"
                    planted += 1
    book.save(target)
    return planted


@pytest.fixture(scope="module")
def planted(tmp_path_factory, worker_id):
    def make(folder):
        raw = folder / "data" / "raw"
        shutil.copytree(ROOT / "tests" / "sample" / "data" / "raw", raw)
        expected = ROOT / "tests" / "data" / "expected" / "2023"
        for who in ("mttq", "khoi"):
            file = raw / "2023" / f"{who}.xlsx"
            assert plant(file, expected / f"{who}.json", file) > 5
        notebooks = folder / "notebooks"
        shutil.copytree(ROOT / "notebooks", notebooks)
        (notebooks / "07_thoi_quen.ipynb").write_text(json.dumps(habits()), encoding="utf-8")
        result = write_report(folder / "data", folder / "reports", 2023, notebooks)
        assert [failure.notebook for failure in result.failed] == ["07_thoi_quen.ipynb"]

    return once(shared(tmp_path_factory, worker_id) / "planted", make) / "reports" / "2023"


def habits():
    cells = [{"cell_type": "markdown", "source": "# Thói quen\n\nÔ thử.", "metadata": {}}]
    cells += [
        {"cell_type": "code", "source": source, "outputs": [], "execution_count": None,
         "metadata": {"tags": ["parameters"] if n == 0 else []}}
        for n, source in enumerate(HABITS)
    ]  # fmt: skip
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture(
    params=[
        *("index", "01-tong-quan", "02-khen-thuong", "03-chi-tieu-phong-trao"),
        *("04-cham-diem-suy-ton", "05-xu-huong", "06-chat-luong-so-lieu"),
        *("07-thoi-quen", "bao-cao-day-du"),
    ]
)
def name(request):
    return f"{request.param}.html"


def test_nothing_runs_is_fetched_or_complained_about(planted, look, name):
    seen = look(planted / name)
    seen.page.wait_for_timeout(200)
    assert seen.page.evaluate("window.hacked") is None
    assert seen.page.locator("script, svg, iframe").count() == 0
    assert seen.requests == [(planted / name).as_uri()]
    assert seen.complaints == []


def test_nothing_becomes_markup(planted, look, name):
    page = look(planted / name).page
    inside = "main .planted" if name not in ("07-thoi-quen.html", "bao-cao-day-du.html") else (
        "main .output:not(:has(> p[title])) .planted"
    )  # fmt: skip
    assert page.locator(inside).count() == 0
    assert page.evaluate("document.querySelectorAll('main').length") == 1
    assert "49" not in page.locator("footer").inner_text()


@pytest.mark.parametrize("page", ["03-chi-tieu-phong-trao", "04-cham-diem-suy-ton", "07-thoi-quen"])
def test_the_text_is_shown_as_it_was_typed(planted, look, page):
    content = look(planted / f"{page}.html").page.locator("main").text_content()
    assert "<b class=planted>đậm</b>" in content


def test_the_policy_alone_stops_a_script(planted, visit, tmp_path):
    """Should an escape ever be forgotten, the policy of the page still holds."""
    page = (planted / "index.html").read_text(encoding="utf-8")
    broken = tmp_path / "broken.html"
    hostile = "<script>window.hacked=1</script><img src=x onerror='window.hacked=2'>"
    broken.write_text(page.replace("</main>", f"{hostile}</main>"), encoding="utf-8")
    seen = visit(broken)
    seen.page.wait_for_timeout(200)
    assert seen.page.evaluate("window.hacked") is None
    assert any("Content Security Policy" in complaint for complaint in seen.complaints)
