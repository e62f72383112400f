"""Which charts of the notebooks a cell feeds."""

import json
from pathlib import Path

import pytest

from thidua_analysis.indicators import functions
from thidua_analysis.indicators.selection import listed
from thidua_analysis.lineage import register, tracing

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def parts(frame):
    """What a figure says, without the way in which it was asked for."""
    return {(r["indicator"], r["numerator"], r["denominator"], r["text"]) for r in listed(frame)}


def calls():
    """Every call of an indicator in the notebooks, drawn or printed."""
    for path in NOTEBOOKS.glob("*.ipynb"):
        for _, tree, assigned in tracing._cells(path):
            for name, call in tracing._calls(tree, "indicators"):
                yield tracing._asked(name, call, assigned)


def test_a_cell_leads_to_the_charts_that_it_feeds(samples):
    fed = tracing.charts_fed(samples, NOTEBOOKS, "2023/ldld.xlsx", "Chỉ tiêu", "H9")
    assert {(c["notebook"], c["kind"]) for c in fed} == {
        ("03_chi_tieu_phong_trao.ipynb", "targets"),
        ("06_chat_luong_so_lieu.ipynb", "heatmap"),
    }
    (table,) = (chart for chart in fed if chart["kind"] == "targets")
    assert table["section"] == "Mức độ hoàn thành chỉ tiêu"
    texts = {name.split("/")[0]: register.find(samples, name)["text"] for name in table["figures"]}
    assert texts == {"attainment": "159,0%", "days_early": "265", "target_status": "Vượt"}


def test_a_cell_that_no_chart_shows_leads_to_none(samples):
    assert tracing.charts_fed(samples, NOTEBOOKS, "2023/ldld.xlsx", "Chỉ tiêu", "Z99") == []


def test_every_call_of_the_notebooks_can_be_read(samples):
    found = list(tracing.drawings(NOTEBOOKS))
    written = "".join(p.read_text(encoding="utf-8") for p in NOTEBOOKS.glob("*.ipynb"))
    assert len(found) == written.count("charts.") + written.count("publish.targets(")
    assert {call.indicator for call in calls()} <= set(functions())


def test_every_figure_of_the_notebooks_is_listed_as_data(samples):
    """What a report prints of a year can be looked up with `thidua figures` and `thidua trace`."""
    listed_figures = set()
    for frame in register.frames(samples, 2023):
        listed_figures |= parts(frame)
    for call in calls():
        assert parts(call.frame(samples, 2023)) <= listed_figures, call


@pytest.mark.parametrize("content", ["{", '{"a": 1}', "\xff"])
def test_a_broken_notebook_is_passed_over(tmp_path, content):
    (tmp_path / "a.ipynb").write_text(content, encoding="latin-1")
    assert list(tracing.drawings(tmp_path)) == []


def test_code_that_is_no_python_is_passed_over(tmp_path):
    cells = [
        {"cell_type": "code", "source": "%matplotlib inline"},
        {"cell_type": "code", "source": "charts.bars(indicators.rank(ds, by=[asked()]))"},
        {"cell_type": "code", "source": "charts.bars(indicators.no_such(ds))"},
    ]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    (only,) = tracing.drawings(tmp_path)
    assert only.asked == (tracing.Asked("rank", None, {}),)
