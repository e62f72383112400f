"""How sure the order by points is said to be, and proposals beside the vote."""

from dataclasses import replace
from decimal import Decimal

import pytest
from msgspec.structs import replace as altered

from thidua_analysis import publish
from thidua_analysis.dataset import Dataset
from thidua_analysis.publish import status


@pytest.fixture(scope="module")
def ds(samples):
    return status.up_to(samples, 2023)


@pytest.fixture(scope="module")
def close(submissions, bloc):
    """The samples with six points less for LĐLĐ in the first criterion: half a point decides."""

    def changed(row):
        first = row.values.get("member") == "ldld" and row.values.get("criterion") == "TC01"
        if first and row.values.get("stage") == "appraised":
            less = row.values["score"] - Decimal(6)
            return altered(row, values={**row.values, "score": less})
        return row

    made = []
    for sent in submissions:
        if sent.member is None and sent.year == 2023:
            scores = tuple(changed(row) for row in sent.rows["scores"])
            sent = replace(sent, rows={**sent.rows, "scores": scores})
        made.append(sent)
    return status.up_to(Dataset.of(made, bloc), 2023)


def line(block, start):
    return next(row for row in repr(block).splitlines() if row.strip().startswith(start))


def test_the_ranking_tells_the_margin_to_the_next(ds):
    assert "6,50" in line(publish.ranking(ds, 2023), "LĐLĐ")


def test_an_order_that_holds_in_every_way_of_counting_is_called_so(ds):
    assert "Thứ hạng của cả 6 đơn vị không đổi" in repr(publish.sensitivity(ds, 2023))
    assert "không chắc chắn" not in repr(publish.ranking(ds, 2023))


def test_a_rank_that_another_way_of_counting_changes_is_marked(close):
    assert "thứ hạng không chắc chắn" in line(publish.ranking(close, 2023), "LĐLĐ")
    told = repr(publish.sensitivity(close, 2023))
    assert "Thứ hạng không chắc chắn: LĐLĐ (đổi hạng khi: Bỏ tiêu chí:" in told
    assert "▼ 2" in told


def test_ranks_that_are_the_same_in_every_way_are_one_sentence_and_no_table(ds):
    block = publish.sensitivity(ds, 2023)
    assert "<table" not in block.html
    assert "theo điểm bước: Tự chấm; theo điểm bước: Kiểm tra chéo" in block.plain
    assert "bỏ lần lượt từng tiêu chí (10 tiêu chí)" in block.plain


def test_only_ways_that_change_a_rank_have_a_row(close):
    block = publish.sensitivity(close, 2023)
    rows = block.html.split("<tr>")[2:]
    assert rows
    assert all("▲" in row or "▼" in row for row in rows[1:])
    assert "Các cách tính không làm đổi hạng: " in block.plain


def test_points_that_the_chart_above_prints_are_not_printed_again(ds):
    block = publish.ranking(ds, 2023)
    assert "1/6" in line(block, "LĐLĐ")
    assert "486,00" not in block.plain
    assert "data-figure" not in block.html


def test_columns_without_any_value_are_not_printed(ds):
    assert "trọng số một tiêu chí" not in publish.neighbours(ds, 2023).html


def test_the_smallest_change_that_makes_neighbours_level_is_told(ds, close):
    shown = line(publish.neighbours(ds, 2023), "Hội LHPN")
    assert "Thực hiện nhiệm vụ chính trị được giao: +6,00" in shown
    assert "+0,50" in line(publish.neighbours(close, 2023), "LĐLĐ")


def test_proposals_by_points_stand_beside_the_vote(ds):
    assert line(publish.proposals(ds, 2023), "Cờ thi đua").split()[-2:] == ["6/6", "LĐLĐ"]


def test_differences_to_the_self_score_are_counted_with_their_reasons(ds):
    assert "Có 45 lượt chấm" in repr(publish.say_gaps(ds, 2023))


def test_a_bloc_without_scores_says_so(ds):
    none = ds.filter(member=[])
    makers = (publish.ranking, publish.sensitivity, publish.neighbours, publish.say_gaps)
    for make in makers:
        assert "Chưa có số liệu" in repr(make(none, 2023))
