"""From every figure to its cells and back."""

from dataclasses import replace
from fractions import Fraction

import pytest
from msgspec.structs import replace as altered

import thidua_analysis as td
from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import UsageError, finding
from thidua_analysis.indicators import selection
from thidua_analysis.lineage import register, tracing

pytestmark = pytest.mark.slow

TARGET = "Sáng kiến tham gia Chương trình 01 triệu sáng kiến"


@pytest.fixture(scope="module")
def listed(samples):
    return register.figures(samples, 2023)


def sums(cells):
    found: dict[str, Fraction] = {}
    for row in cells.itertuples():
        found[row.role] = found.get(row.role, Fraction(0)) + Fraction(row.value)
    return found


def test_the_cells_of_every_figure_of_the_2023_report_add_up_to_it(samples):
    traced = 0
    for frame in register.frames(samples, 2023):
        for at, row in enumerate(selection.listed(frame)):
            if row["value"] is None:
                continue
            found = sums(td.trace(frame.iloc[at]))
            if row["denominator"] is None:
                assert found.get("value", 0) == row["value"], row
            else:
                assert found.get("numerator", 0) == row["numerator"], row
                assert found["denominator"] == row["denominator"], row
            traced += 1
    assert traced > 550


def test_every_figure_has_an_id_of_its_own_that_finds_it_again(samples, listed):
    assert len({figure["id"] for figure in listed}) == len(listed)
    for figure in listed[::17]:
        again = register.find(samples, figure["id"])
        assert (again["text"], again["numerator"]) == (figure["text"], figure["numerator"])


def test_a_figure_as_data(listed):
    found = {figure["id"]: figure for figure in listed}
    figure = found["non_leader_share/year=2023/level=state"]
    assert figure == {
        "id": "non_leader_share/year=2023/level=state",
        "indicator": "non_leader_share",
        "label": "Tỷ lệ người trực tiếp lao động, công tác trong số cá nhân được khen thưởng",
        "year": 2023,
        "by": {"level": "state"},
        "names": {"level": "Cấp Nhà nước"},
        "numerator": 26,
        "denominator": 50,
        "value": 52,
        "text": "52,0%",
        "unit": "%",
        "coverage": "6/6",
        "missing": (),
        "incomplete": (),
        "comparable": True,
        "reason": None,
    }


def test_a_narrowed_figure_has_an_id_too(samples):
    options = {"method": ("regular", "thematic"), "kind": "individuals"}
    frame = td.indicators.commendations(samples, level="province", year=2023, **options)
    (name,) = register.ids(frame)
    assert name == "commendations/year=2023/level=province/method=regular|thematic/kind=individuals"
    assert register.find(samples, name)["value"] == frame.value.item()


def test_265_days_lead_back_to_the_two_dates(samples):
    cells = td.trace(f"days_early/year=2023/member=ldld/target_name={TARGET}", samples)
    assert list(zip(cells.file, cells.sheet, cells.cell, cells.value, strict=True)) == [
        ("2023/ldld.xlsx", "Chỉ tiêu", "I9", 45291),
        ("2023/ldld.xlsx", "Chỉ tiêu", "J9", -45026),
    ]
    assert list(cells.typed) == ["2023-12-31", "2023-04-10"]


def test_a_deduction_counts_against_the_total(samples):
    frame = td.indicators.score_total(samples, year=2023, stage="appraised")
    for row in frame.itertuples():
        cells = td.trace(frame.loc[row.Index])
        if (cells.value < 0).any():
            return
    pytest.fail("no sample has a deduction")


def test_a_cell_leads_to_the_figures_that_it_feeds(samples):
    fed = tracing.feeds(samples, "2023/ldld.xlsx", "Chỉ tiêu", "H9")
    names = [figure["id"] for figure in fed]
    where = f"/year=2023/member=ldld/target_name={TARGET}"
    assert names == [
        *(f"attainment{where}", f"over_target{where}", f"target_status{where}"),
        *("targets_met/year=2023", "targets_met/year=2023/member=ldld"),
        *("targets_exceeded/year=2023", "targets_exceeded/year=2023/member=ldld"),
        # a target that is missed was never early; each stored cell is one of all cells
        f"days_early{where}",
        *("completeness/year=2023", "completeness/year=2023/member=ldld"),
        "completeness/year=2023/member=ldld/table=targets",
        *("error_rate/year=2023", "error_rate/year=2023/member=ldld"),
    ]


def test_a_target_that_is_missed_feeds_the_number_of_those_that_are_met(submissions, bloc):
    sent = next(s for s in submissions if s.path == "2023/ldld.xlsx")
    first = sent.rows["targets"][0]
    missed = altered(first, values={**first.values, "planned": 10, "actual": 7})
    ds = Dataset.of([replace(sent, rows={"targets": (missed,)})], bloc)
    for field in ("planned", "actual"):
        fed = tracing.feeds(ds, sent.path, first.sheet, first.cells[field])
        names = {figure["id"]: figure["text"] for figure in fed}
        assert names["targets_met/year=2023"] == "0/1"
        assert "targets_exceeded/year=2023/member=ldld" in names


def test_a_cell_that_was_refused_leads_to_the_figures_that_lack_it(submissions, bloc):
    sent = next(s for s in submissions if s.path == "2023/ldld.xlsx")
    first = sent.rows["targets"][0]
    cell = first.cells["actual"]
    cells = {name: place for name, place in first.cells.items() if name != "actual"}
    blank = altered(first, values={**first.values, "actual": None}, cells=cells)
    wrong = finding("number-format", sheet=first.sheet, cell=cell, value="15+3")
    ds = Dataset.of([replace(sent, rows={"targets": (blank,)}, findings=(wrong,))], bloc)
    names = {f["id"] for f in tracing.feeds(ds, sent.path, first.sheet, cell)}
    assert {"targets_met/year=2023", "error_rate/year=2023"} <= names


def test_both_ways_meet(samples, listed):
    figure = "initiatives_recognized/year=2023/level=unit"
    for row in td.trace(figure, samples).itertuples():
        assert figure in {f["id"] for f in tracing.feeds(samples, row.file, row.sheet, row.cell)}


def test_each_recipient_is_a_cell_of_the_figure(submissions, bloc):
    sent = next(s for s in submissions if s.path == "2023/dtn.xlsx")
    first = sent.rows["commendations"][0]
    listed = altered(
        first, parts={"direct": tuple(f"J{n}" for n in range(2, 2 + first.values["direct"]))}
    )
    ds = Dataset.of([replace(sent, rows={"commendations": (listed,)})], bloc)
    cells = td.trace(td.indicators.commendations(ds, kind="direct").iloc[0])
    assert list(cells.value) == [1] * first.values["direct"]
    assert set(cells.sheet) == {first.sheet}


def test_what_comes_from_no_cell_is_named(samples):
    cells = td.trace("revisions/year=2023/member=mttq", samples)
    assert list(cells.typed) == [None, "trừ lần gửi đầu"]
    assert list(cells.value) == [2, -1]


def test_a_typed_qualifier_is_shown_as_typed(made_bound):
    (typed,) = td.trace(made_bound).typed
    assert typed == "trên 2.000"


@pytest.fixture
def made_bound(submissions, bloc):
    from thidua_analysis.submission.rows import Note

    sent = next(s for s in submissions if s.path == "2023/ldld.xlsx")
    first = altered(sent.rows["results"][0], notes={"quantity": Note("trên 2.000", bound="gt")})
    ds = Dataset.of([replace(sent, rows={"results": (first,)})], bloc)
    return td.indicators.result_total(ds).iloc[0]


@pytest.mark.parametrize(
    "wrong",
    ["no_such/year=2023", "non_leader_share/year=1999", "non_leader_share/colour=red"],
)
def test_an_unknown_id_is_refused_in_words(samples, wrong):
    with pytest.raises(UsageError):
        td.trace(wrong, samples)


def test_a_cell_that_holds_nothing_is_refused_in_words(samples):
    with pytest.raises(UsageError) as wrong:
        tracing.feeds(samples, "2023/ldld.xlsx", "Chỉ tiêu", "Z99")
    assert wrong.value.params["cell"] == "Chỉ tiêu!Z99"


def test_a_year_without_data_is_refused_in_words(samples):
    with pytest.raises(UsageError) as wrong:
        register.figures(samples, 1999)
    assert wrong.value.params["accepted"] == "2021, 2022, 2023"
