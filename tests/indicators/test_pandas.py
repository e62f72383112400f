"""Frames do what people who know pandas expect of them."""

import json
import pickle
from importlib.metadata import version

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import thidua_analysis as td
from thidua_analysis import indicators
from thidua_analysis.findings import UsageError

mpl.use("Agg")


@pytest.fixture(scope="module")
def share(samples):
    return indicators.non_leader_share(samples, by=["year", "level"])


def test_columns_have_the_types_to_compute_with(share, samples):
    assert share.value.dtype == "float64"
    assert str(share.numerator.dtype) == str(share.denominator.dtype) == "Int64"
    points = indicators.score_total(samples, year=2023)
    assert isinstance(points.numerator.dtype, pd.ArrowDtype)
    assert str(points.numerator.iloc[0]) == "469.0"


def test_pandas_sorts_describes_groups_merges_and_computes(share, samples):
    assert share.nlargest(1, "value").text.item() == "70,2%"
    assert share.value.describe()["count"] == len(share)
    sums = share.groupby("year").numerator.sum()
    assert sums[2023] == 2274
    both = share.merge(indicators.women_share(samples, by=["year", "level"]), on=["year", "level"])
    assert len(both) == len(share)
    again = (share.numerator / share.denominator * 100).astype(float)
    assert np.allclose(again, share.value)
    done = samples.targets.actual / samples.targets.planned
    assert done.dtype == "float64"
    assert done.max() > 1


def test_pandas_draws(share):
    wide = share.pivot(index="year", columns="level", values="value")
    assert len(wide.plot.bar().patches) == 15
    assert share.plot(x="year", y="value") is not None
    assert share.value.hist() is not None
    mpl.pyplot.close("all")


def test_a_frame_can_be_stored_and_its_ids_are_traced(share, samples, tmp_path):
    share.to_parquet(tmp_path / "share.parquet")
    back = pd.read_parquet(tmp_path / "share.parquet")
    assert list(back.text) == list(share.text)
    assert json.loads(share.to_json(orient="records"))[0]["lineage"] == share.lineage.iloc[0]
    assert len(pickle.dumps(share)) < 20_000
    figure = back.lineage.iloc[-1]
    assert figure == "non_leader_share/year=2023/level=grassroots"
    cells = td.trace(figure, samples)
    assert cells.equals(td.trace(share.iloc[-1]))


def test_one_breakdown_and_numbers_of_numpy_are_taken(samples):
    one = indicators.commendations(samples, by="year")
    assert list(one.year) == [2021, 2022, 2023]
    now = indicators.commendations(samples, by="member", year=np.int64(2023))
    assert now.numerator.sum() == one.numerator.iloc[-1]
    assert samples.filter(year=np.int64(2023)).years == (2023,)


def test_a_year_is_taken_as_text_too_and_what_is_none_refused(samples):
    named = indicators.commendations(samples, by="member", year="2023")
    assert named.equals(indicators.commendations(samples, by="member", year=2023))
    assert len(indicators.commendations(samples, by="year", year=["2022", 2023])) == 2
    with pytest.raises(UsageError, match="2021, 2022, 2023"):
        indicators.commendations(samples, by="year", year="năm nay")


@pytest.mark.parametrize("name", ["hnd", "Hội Nông dân", "hội nông dân tỉnh", "HND tỉnh"])
def test_a_member_is_known_by_any_of_its_names(samples, name):
    found = indicators.commendations(samples, by="member", year=2023, member=name)
    assert list(found.member) == ["hnd"]


def test_what_there_is_not_is_refused_with_the_list_in_a_sentence(samples):
    with pytest.raises(UsageError) as wrong:
        indicators.commendations(samples, by="year", member="Hội Nhà báo")
    assert "mttq, ldld, lhpn, hnd, ccb, dtn" in str(wrong.value)
    with pytest.raises(UsageError, match=r"state, central, province"):
        indicators.commendations(samples, by="year", level="xã")


def test_dir_shows_what_is_public():
    assert dir(indicators) == sorted(indicators.__all__)
    assert "group_bars" not in dir(td.charts)


def test_labels_are_words(share):
    told = td.label(share)
    assert list(told.columns[:4]) == ["Chỉ số", "Năm", "Cấp", "Tử số"]
    assert told["Cấp"].iloc[0] == "Cấp Nhà nước"
    assert told["Chỉ số"].iloc[0].startswith("Tỷ lệ người trực tiếp")


def test_any_frame_is_labelled_as_far_as_there_are_words(share, samples, tmp_path):
    both = share.merge(indicators.women_share(samples, by=["year", "level"]), on=["year", "level"])
    share.to_csv(tmp_path / "share.csv", index=False)
    others = [
        td.label(share),
        both,
        pd.concat([share, both]),
        share[["year", "level", "value"]],
        share.pivot(index="year", columns="level", values="value"),
        share.groupby("year", as_index=False).value.mean(),
        pd.read_csv(tmp_path / "share.csv"),
        samples.commendations,
        indicators.ranking(samples, 2023),
        indicators.proposals(samples, 2023),
        indicators.contributions(samples, "commendations", "member", 2023),
        td.verify(samples),
    ]
    for frame in others:
        assert td.label(frame).shape == frame.shape
    assert list(td.label(others[3]).columns) == ["Năm", "Cấp", "Giá trị"]
    assert td.label(others[3])["Cấp"].iloc[0] == "Cấp Nhà nước"
    assert td.label(share).equals(td.label(td.label(share)))


@pytest.mark.parametrize("wrong", [None, 3, "share", "row", "column"])
def test_no_frame_is_labelled_with_a_sentence(wrong, share):
    given = {"row": share.iloc[0], "column": share.value}.get(wrong, wrong)
    with pytest.raises(UsageError, match=r"td\.label"):
        td.label(given)


def test_what_is_no_figure_is_not_traced_but_refused_in_a_sentence(share):
    both = share.merge(share, on=["year", "level"])
    for wrong in (None, 3, share, both.iloc[0], td.label(share).iloc[0], share.value):
        with pytest.raises(UsageError, match="lineage"):
            td.trace(wrong)


@pytest.mark.parametrize("name", ["changes", "growth", "spread"])
def test_changes_of_what_are_no_figures_are_refused_in_a_sentence(name, samples):
    for wrong in (samples, samples.commendations, "data"):
        with pytest.raises(UsageError, match=r"td\.indicators"):
            getattr(indicators, name)(wrong)


def of_figures(samples):
    shares = indicators.non_leader_share(samples, by=["year", "member"])
    return {
        "changes": indicators.changes(shares),
        "growth": indicators.growth(indicators.commendations(samples, by=["year", "member"])),
        "spread": indicators.spread(shares),
        "contributions": indicators.contributions(samples, "non_leader_share", "member", 2023),
        "ranking": indicators.ranking(samples, 2023),
        "proposals": indicators.proposals(samples, 2023),
        "sensitivity": indicators.sensitivity(samples, 2023),
        "neighbours": indicators.neighbours(samples, 2023),
        "appraisal": indicators.appraisal(samples, 2023),
    }


def test_frames_that_are_made_of_figures_hold_what_pandas_computes_with(samples, tmp_path):
    for name, frame in of_figures(samples).items():
        kinds = {str(kind) for kind in frame.dtypes}
        assert kinds & {"float64", "int64"}, name
        objects = [column for column in frame if frame[column].dtype == object]
        found = {type(value) for column in objects for value in frame[column]}
        assert found <= {str, type(None), tuple}, name
        assert not frame.describe().empty
        frame.to_parquet(tmp_path / "frame.parquet")
        frame.to_json(tmp_path / "frame.json")
        assert list(td.label(frame).columns) != list(frame.columns)
        assert not {*map(str, td.label(frame).columns)} & {*frame.columns}, name


def test_what_is_computed_from_them_is_what_they_print(samples):
    told = of_figures(samples)
    changes = told["changes"].dropna(subset="change")
    assert changes["change"].dtype == "float64"
    for value, printed in zip(changes["change"], changes["change_text"], strict=True):
        assert printed.startswith(f"{value:+.1f}".replace(".", ",").replace("-", "−"))
    parts = told["contributions"]
    assert parts["total"].sum() == pytest.approx(float(parts.attrs["total"]))
    ranked = told["ranking"].set_index("member")
    assert ranked["rank"].nsmallest(2).index.tolist() == ["ldld", "lhpn"]
    assert ranked["margin"].sum() == ranked["total"].max() - ranked["total"].min()


@pytest.mark.parametrize("year", [2023, "2023", np.int64(2023)])
def test_a_year_is_a_number_or_its_text_everywhere(year, samples):
    assert set(samples.filter(year=year).commendations["year"]) == {2023}
    assert len(indicators.ranking(samples, year)) == 6


def test_what_there_is_not_is_refused_in_a_sentence(samples):
    with pytest.raises(UsageError, match="2023"):
        samples.filter(year="năm nay")
    with pytest.raises(UsageError, match="2023"):
        indicators.ranking(samples, "2023a")
    for function in (indicators.commendations, lambda given: indicators.ranking(given, 2023)):
        with pytest.raises(UsageError, match=r"td\.load"):
            function("data")
    with pytest.raises(UsageError, match=r"td\.report"):
        td.report(samples, 2023)
    with pytest.raises(UsageError, match="vi, en"):
        td.load(samples.folder, lang="fr")
    with pytest.raises(AttributeError, match="commendations"):
        _ = samples.commendation


def test_the_package_shows_what_is_public_and_its_version():
    assert set(dir(td)) == {*td.__all__, "__version__"}
    assert td.__version__ == version("thidua-analysis")
