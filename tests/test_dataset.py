import subprocess
import sys

import pytest

from thidua_analysis import indicators
from thidua_analysis.findings import UsageError
from thidua_analysis.indicators import selection
from thidua_analysis.indicators.engine import figures
from thidua_analysis.indicators.figure import summed


def test_importing_the_package_imports_neither_pandas_nor_matplotlib():
    code = "import sys, thidua_analysis; print({'pandas', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_every_row_of_every_file_is_in_the_tables(samples, submissions):
    for table in ("commendations", "targets", "results", "scores", "criteria", "votes", "roles"):
        sent = sum(len(s.rows.get(table, ())) for s in submissions)
        assert len(samples.frame(table)) == sent


def test_numbers_are_exact_and_missing_is_not_zero(samples):
    land = samples.results.query("measure == 'Đất được hiến' and year == 2023").quantity.item()
    assert str(land) == "1234.5"
    flags = samples.commendations.query("award == 'Cờ thi đua của Chính phủ' and member == 'ldld'")
    assert flags.individuals.isna().all()
    assert str(samples.commendations.individuals.dtype) == "Int64"


def test_a_role_of_next_year_keeps_the_year_it_was_reported_in(samples):
    head = samples.roles.query("year == 2024").iloc[0]
    assert (head.member, head.role, head.reported_in) == ("lhpn", "head", 2023)


def test_filter_keeps_only_what_is_about_the_member(samples):
    part = samples.filter(year=2023, member="ldld")
    assert part.years == (2023,)
    assert part.members == ("ldld",)
    assert set(part.scores.member) == {"ldld"}
    # the report of the bloc for 2022 names who leads it in 2023
    assert set(part.cells.file) == {"2023/ldld.xlsx", "2023/khoi.xlsx", "2022/khoi.xlsx"}
    assert len(part.criteria) == 10


def test_filter_names_an_unknown_member(samples):
    with pytest.raises(UsageError) as wrong:
        samples.filter(member="ubnd")
    assert wrong.value.params["name"] == "ubnd"


def test_coverage_says_who_sent_no_ranks(samples):
    ranks = samples.coverage().query("table == 'ranks' and year == 2021").iloc[0]
    assert (ranks.reporting, ranks.expected, ranks.missing) == (5, 6, ("dtn",))


def test_a_frame_may_be_changed_without_changing_the_dataset(samples):
    frame = samples.targets
    frame["unit"] = "x"
    assert set(samples.targets.unit) != {"x"}


def test_a_frame_asked_for_again_is_not_what_the_first_caller_made_of_it(samples):
    first = indicators.commendations(samples, by=("year", "level"))
    shown = first.copy()
    first["text"] = "?"
    first.attrs["names"]["level"].clear()
    again = indicators.commendations(samples, by=("year", "level"))
    assert again.attrs == shown.attrs
    assert list(again["text"]) == list(shown["text"])


def test_figures_of_a_year_look_once_at_its_rows_and_at_those_of_the_year_before(samples):
    seen = []

    def piece(row):
        seen.append(row["year"])
        return summed(row, "individuals")

    rows = selection.commendations(samples)
    figures(samples, "commendations", rows, piece, ("year",), {"year": 2023})
    assert seen == [row["year"] for row in rows if row["year"] in (2022, 2023)]
