"""Whatever was sent, every figure can be computed, and says what it does not know."""

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as altered

from thidua_analysis import indicators
from thidua_analysis.dataset import Dataset
from thidua_analysis.indicators.selection import listed
from thidua_analysis.lineage import claims, register
from thidua_analysis.official import official_forms
from thidua_analysis.publish.sources import Sources

pytestmark = pytest.mark.slow

PUBLISHED = Path(__file__).parents[2] / "tests" / "sample" / "data" / "raw" / "published.toml"


def blank(submission):
    """The same rows with nothing but their names in them."""
    kept = {"award", "level", "status", "target_name", "measure", "movement", "name", "criterion"}
    return replace(
        submission,
        rows={
            table: tuple(
                altered(
                    row,
                    values={k: v if k in kept else None for k, v in row.values.items()},
                    cells={k: v for k, v in row.cells.items() if k in kept},
                    notes={},
                )
                for row in rows
            )
            for table, rows in submission.rows.items()
        },
    )


def proposed(submission):
    rows = tuple(
        altered(row, values={**row.values, "status": "proposed"})
        for row in submission.rows.get("commendations", ())
    )
    return replace(submission, rows={**submission.rows, "commendations": rows})


WHATEVER = {
    "one member": lambda s: s if s.member == "ldld" else None,
    "no form of the bloc": lambda s: s if s.member else None,
    "only the form of the bloc": lambda s: None if s.member else s,
    "one year": lambda s: s if s.year == 2023 else None,
    "a year between is missing": lambda s: s if s.year != 2022 else None,
    "tables without rows": lambda s: replace(s, rows={}),
    "rows without a value": lambda s: blank(s) if s.member else s,
    "only proposals": proposed,
    "half years": lambda s: replace(s, period="six_months") if s.year == 2023 else s,
    "people and turns": lambda s: replace(s, counted_as="people") if s.member == "hnd" else s,
}


@pytest.fixture(scope="module", params=WHATEVER, ids=str)
def sent(request, submissions, bloc):
    """What was sent, by name, as a dataset."""
    made = [found for s in submissions if (found := WHATEVER[request.param](s)) is not None]
    return request.param, Dataset.of(made, bloc)


def test_every_figure_says_who_is_in_it(sent):
    what, ds = sent
    found = register.figures(ds, 2023)
    for figure in found:
        assert (figure["text"] == "–") == (figure["value"] is None), figure
        if figure["coverage"]:
            reporting, expected = map(int, figure["coverage"].split("/"))
            assert expected - reporting == len(figure["missing"]), figure
        if not figure["comparable"]:
            assert figure["reason"], figure
    if what == "one member":
        total = next(f for f in found if f["id"] == "commendations/year=2023")
        assert (total["coverage"], len(total["missing"])) == ("1/6", 5)
    if what in ("tables without rows", "only the form of the bloc", "only proposals"):
        assert not any(f["value"] for f in found if f["indicator"] == "commendations")
    if what in ("one year", "half years", "a year between is missing"):
        counted = [f for f in found if f["value"] is not None and f["indicator"] != "vote_share"]
        assert not any(f["comparable"] for f in counted if f["indicator"] == "commendations")
    if what == "people and turns":
        total = next(f for f in found if f["id"] == "commendations/year=2023")
        assert (total["value"], total["reason"]) == (None, "không cộng lượt với người")


def test_scores_trends_forms_and_claims_stop_at_nothing(sent, bloc):
    _, ds = sent
    for name in ("ranking", "proposals", "sensitivity", "neighbours", "appraisal"):
        listed(getattr(indicators, name)(ds, 2023))
    for frame in (indicators.commendations(ds), indicators.women_share(ds)):
        listed(indicators.changes(frame))
        listed(indicators.growth(frame))
    for name in ("commendations", "non_leader_share"):
        parts = indicators.contributions(ds, name, "member", 2023)
        assert not parts.empty or parts.attrs["reason"]
    assert len(official_forms(ds, 2023)) == 4
    assert Sources.of(ds, 2023).sections
    assert len(claims.verify(ds, PUBLISHED)) == 23
