"""Parameters of the notebooks beside the year: what may be set, and the report of one member."""

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from thidua_analysis.cli.app import app
from thidua_analysis.findings import UsageError
from thidua_analysis.lineage.claims import verify
from thidua_analysis.lineage.register import find
from thidua_analysis.publish.board import board_of
from thidua_analysis.publish.report import write_report
from thidua_analysis.store import made

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
BOOK = "least = 5\nshare = 0.5\nmarked = False\nlevels = ['state']\nname = 'A'\nmember = None"


@pytest.fixture
def data(built, tmp_path):
    """Data folder of the samples, with one notebook beside it that has a parameter of each kind."""
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": BOOK}
    (tmp_path / "notebooks").mkdir()
    book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "notebooks" / "01_a.ipynb").write_text(json.dumps(book), encoding="utf-8")
    shutil.copytree(built, tmp_path / "data")
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("least", "7", 7),
        ("share", "1", 1.0),
        ("marked", "true", True),
        ("levels", "['unit', 'state']", ["unit", "state"]),
        ("name", "7", "7"),
        ("member", "ldld", "ldld"),
        ("member", "LĐLĐ", "ldld"),
        ("member", "Liên đoàn Lao động tỉnh", "ldld"),
    ],
)
def test_a_value_is_read_as_what_the_usual_one_is(data, name, typed, value):
    assert made.chosen(data, {name: typed}) == {name: value}


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("lest", "7", "“lest”.*: least, share, marked, levels, name, member"),
        ("year", "2022", "--year"),
        ("least", "much", "“least”.*“much”.*: 5"),
        ("least", "1.5", "“least”"),
        ("marked", "1", "“marked”"),
        ("member", "Hội X", "“Hội X”.*mttq, ldld"),
        ("member", "", "mttq, ldld"),
    ],
)
def test_what_cannot_be_set_is_refused_with_what_can(data, name, typed, told):
    with pytest.raises(UsageError) as caught:
        made.chosen(data, {name: typed})
    assert re.search(told, str(caught.value))


def test_a_report_with_parameters_has_a_folder_of_its_own(tmp_path):
    assert made.home_of(tmp_path, {}) == tmp_path
    assert made.home_of(tmp_path, {"member": "ldld"}).name == "member=ldld"
    several = made.home_of(tmp_path, {"least": 5, "name": "../a/b:c"})
    assert several.parent == tmp_path
    assert several.name == "least=5,name=..%2Fa%2Fb%3Ac"


def test_a_value_decides_whether_a_report_still_holds(data, tmp_path):
    one, other = (
        made.sources(data, tmp_path, 2023, code=False, parameters={"least": least})
        for least in (5, 7)
    )
    assert {name for name in one if one[name] != other[name]} == {"parameter least"}


def test_a_call_without_a_value_is_refused_before_anything_is_read(data):
    done = CliRunner().invoke(app, ["report", "--data", str(data), "--set", "member"])
    assert isinstance(done.exception, UsageError)
    assert done.exception.key == "parameter-form"


@pytest.mark.slow
def test_the_report_of_a_member_is_of_nobody_else(samples, built, tmp_path):
    out = tmp_path / "member=hnd"
    done = write_report(
        samples, built, 2023, out, NOTEBOOKS, pdf=False, parameters={"member": "hnd"}
    )
    assert not done.failed
    assert "04-cham-diem-suy-ton.html" not in done.pages  # it compares members
    page = (out / "2023" / "bao-cao-day-du.html").read_text(encoding="utf-8")
    assert "Hội Nông dân có 900 lượt khen thưởng" in re.sub(r"<[^>]+>", "", page)
    assert "Toàn khối" not in page
    for other in ("LĐLĐ", "Hội LHPN", "Hội CCB", "Tỉnh đoàn", "MTTQ"):
        assert f'<th scope="row">{other}</th>' not in page


def test_figures_of_a_part_are_found_in_the_whole(samples):
    from thidua_analysis import indicators

    own = indicators.commendations(samples.filter(member="Hội Nông dân"), by=["year"], year=2023)
    assert own["value"].tolist() == [900]
    assert find(samples, str(own["lineage"].iloc[0]))["value"] == 900


def test_claims_and_board_of_a_part_are_about_its_members(built):
    import thidua_analysis as td

    ds = td.load(built)
    part = ds.filter(member="ldld")
    claims = verify(part)
    assert 0 < len(claims) < len(verify(ds))
    assert set(claims["verdict"]) <= {"reproduced"}
    assert {place.member for place in board_of(part, [2023]).places} == {"ldld", None}
