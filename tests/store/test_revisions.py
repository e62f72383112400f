import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as altered

from thidua_analysis.findings import finding
from thidua_analysis.store import revisions
from thidua_analysis.store.made import assemble
from thidua_analysis.submission.rows import Submission

UNIT = "TDKT-DV/1"


def sent(path, revision=1, member="ldld", year=2023, **more):
    return Submission(path, path, UNIT, member, year, revision, **more)


def used(placed):
    return [p.file for p in placed if p.used]


def codes(placed, path):
    return [f.code for p in placed if p.file == path for f in p.submission.findings]


def test_the_newest_revision_counts_and_the_older_are_kept():
    placed = revisions.place([sent("2023/b.xlsx", 1), sent("2023/a.xlsx", 2)])
    assert used(placed) == ["2023/a.xlsx"]
    assert [p.superseded for p in placed] == [False, True]


def test_the_same_revision_twice_is_a_warning_and_the_later_name_counts():
    placed = revisions.place([sent("2023/bc (10).xlsx"), sent("2023/bc (2).xlsx")])
    assert used(placed) == ["2023/bc (10).xlsx"]
    assert codes(placed, "2023/bc (10).xlsx") == ["duplicate-submission"]
    assert codes(placed, "2023/bc (2).xlsx") == []


def test_of_one_revision_the_file_that_came_in_last_counts():
    files = [sent("2023/ldld.xlsx"), sent("2023/ldld_2.xlsx")]
    received = {"2023/ldld.xlsx": dt.date(2024, 1, 9), "2023/ldld_2.xlsx": dt.date(2023, 12, 20)}
    assert used(revisions.place(files)) == ["2023/ldld_2.xlsx"]
    assert used(revisions.place(files, received)) == ["2023/ldld.xlsx"]


def test_one_unknown_name_in_a_table_of_the_bloc_does_not_cost_its_file():
    unknown = finding("member-unknown", sheet="Bỏ phiếu", cell="B3")
    bloc_file = replace(sent("2023/khoi.xlsx", member=None), form="TDKT-KHOI/1")
    assert used(revisions.place([replace(bloc_file, findings=(unknown,))])) == ["2023/khoi.xlsx"]
    assert used(revisions.place([sent("2023/a.xlsx", member=None, findings=(unknown,))])) == []


def test_an_unreadable_revision_never_replaces_a_good_one():
    broken = sent("2023/b.xlsx", 2, findings=(finding("file-damaged"),))
    placed = revisions.place([sent("2023/a.xlsx", 1), broken])
    assert used(placed) == ["2023/a.xlsx"]


def test_a_file_of_another_year_in_the_folder_counts_for_no_year():
    wrong = sent("2023/a.xlsx", 5, year=2022, findings=(finding("year-mismatch"),))
    placed = revisions.place([wrong, sent("2022/a.xlsx", year=2022)])
    assert used(placed) == ["2022/a.xlsx"]


def test_a_revision_with_errors_in_its_cells_counts(bloc):
    poor = sent("2023/b.xlsx", 2, findings=(finding("number-format", sheet="S", cell="B2"),))
    placed = revisions.place([sent("2023/a.xlsx", 1), poor])
    assert used(placed) == ["2023/b.xlsx"]


def test_a_missing_member_is_named_once_a_year(bloc):
    placed = revisions.place([sent(f"2023/{m.id}.xlsx", member=m.id) for m in bloc.members[:5]])
    (missing,) = revisions.missing_members(placed, bloc)
    assert (missing.code, missing.params["member_id"]) == ("member-missing", "dtn")


def test_a_year_of_unreadable_files_still_says_who_is_missing(bloc):
    unread = Submission("2024/a.xlsx", "0", findings=(finding("file-empty"),))
    found = revisions.missing_members(revisions.place([unread]), bloc)
    assert [f.params["year"] for f in found] == ["2024"] * 6


@given(
    st.permutations(
        [sent(f"2023/{n}.xlsx", r) for n, r in zip("abcde", (1, 2, 2, 3, 1), strict=True)]
    )
)
def test_the_order_of_the_files_changes_nothing(files):
    assert revisions.place(files) == revisions.place(sorted(files, key=lambda s: s.path))


def test_a_value_that_jumps_is_asked_about_once_a_row(submissions, bloc):
    before = next(s for s in submissions if s.path == "2022/ldld.ods")
    now = next(s for s in submissions if s.path == "2023/ldld.xlsx")
    rows = [
        altered(row, values={**row.values, "submitted": 99999, "recognized": 88888})
        if row.values["level"] == "unit"
        else row
        for row in now.rows["initiatives"]
    ]
    jumped = replace(now, rows={**now.rows, "initiatives": tuple(rows)})
    _, manifest = assemble([before, jumped], bloc)
    found = next(f for f in manifest["files"] if f["file"] == now.path)["findings"]
    assert [(f["code"], f["cell"]) for f in found] == [("jump-year-on-year", "C9")]
    assert found[0]["params"]["value"] == "99.999"


@pytest.mark.parametrize(
    ("table", "name", "values", "printed"),
    [
        ("targets", "actual", (Decimal("1479.50"), Decimal("14795.0")), ("1.479,5", "14.795")),
        ("initiatives", "benefit_vnd", (2 * 10**9, 30 * 10**9),
         ("2.000.000.000 đồng", "30.000.000.000 đồng")),
    ],
)  # fmt: skip
def test_values_that_jump_are_printed_in_vietnamese(
    table, name, values, printed, submissions, bloc
):
    now = next(s for s in submissions if s.path == "2023/ldld.xlsx")
    first, *_ = now.rows[table]
    row = altered(first, typed={})
    of = [altered(row, values={**row.values, name: value}) for value in values]
    before = replace(now, path="2022/ldld.xlsx", year=2022, rows={table: (of[0],)})
    after = replace(now, rows={table: (of[1],)}, findings=())
    placed = revisions.compare_years(revisions.place([before, after]), bloc)
    (found,) = (f for p in placed for f in p.submission.findings if p.submission.year == 2023)
    assert (found.params["previous"], found.params["value"]) == printed
    assert found.value == printed[1]


def test_a_half_year_is_not_compared_with_a_year(submissions, bloc):
    before = next(s for s in submissions if s.path == "2022/ldld.ods")
    now = next(s for s in submissions if s.path == "2023/ldld.xlsx")
    tiny = {**before.rows, "initiatives": ()}
    half = replace(now, period="six_months", rows=now.rows)
    _, manifest = assemble([replace(before, rows=tiny), half], bloc)
    assert not [f for file in manifest["files"] for f in file["findings"]]
