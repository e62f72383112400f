import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thidua_analysis.findings import UsageError
from thidua_analysis.lineage.percentages import judged, verify_pairs, within_precision
from thidua_analysis.vietnamese.display import rounded

PAIRS = Path(__file__).parents[1] / "data" / "published_pairs.csv"
VERDICTS = {
    **{"B02": "does-not-follow", "B06": "last-digit", "C01": "last-digit", "C02": "truncated"},
    **{"C05": "does-not-follow", "C21": "last-digit", "C42": "last-digit"},
}


def test_every_real_pair_gets_the_verdict_that_was_checked_by_hand():
    with PAIRS.open(encoding="utf-8") as file:
        checked = {row["id"]: row["follows"] for row in csv.DictReader(file)}
    found = verify_pairs(PAIRS)
    verdicts = dict(zip(found.id, found.verdict, strict=True))
    assert {i: "yes" if v == "follows" else "no" for i, v in verdicts.items()} == checked
    assert {i: v for i, v in verdicts.items() if v != "follows"} == VERDICTS


def test_a_misprinted_part_is_named():
    found = verify_pairs(PAIRS).set_index("id")
    assert "388" in found.loc["B02", "why"]
    assert found.loc["B02", "computed"] == Decimal("16.7")
    assert "388" not in found.loc["C05", "why"]


def pairs(tmp_path, *rows):
    path = tmp_path / "pairs.csv"
    head = "id,kind,what,numerator,denominator,published_pct,decimals,follows,source\n"
    path.write_text(head + "\n".join(rows), encoding="utf-8")
    return verify_pairs(path)


def test_another_denominator_needs_a_sum_that_holds(tmp_path):
    found = pairs(
        tmp_path,
        "a,share,workers (931 = 966-35),373,966,40.1,1,no,s",
        "b,share,workers (931 = 966-36),373,966,40.1,1,no,s",
        "c,share,workers of 931,373,966,40.1,1,no,s",
        "d,share,workers (1.396 = 312+1.084),254,1396,81.4,1,no,s",
    )
    assert list(found.verdict) == [
        *("other-denominator", "does-not-follow", "does-not-follow", "other-denominator"),
    ]
    assert "931" in found.why[0]


def test_rounded_parts_may_explain_a_figure(tmp_path):
    found = pairs(tmp_path, "a,target,tỷ đồng,1.9,1.5,125,0,no,s", "b,share,x,19,15,125,0,no,s")
    assert "làm tròn trước khi in" in found.why[0]
    assert "làm tròn trước khi in" not in found.why[1]


def test_trailing_zeros_count_as_decimals(tmp_path):
    found = pairs(tmp_path, "a,share,x,88,1396,6.30,,yes,s", "b,share,x,88,1396,6.3,,yes,s")
    assert list(found.computed) == [Decimal("6.30"), Decimal("6.3")]
    assert [str(c) for c in found.computed] == ["6.30", "6.3"]


def test_a_share_of_nothing_does_not_follow(tmp_path):
    assert pairs(tmp_path, "a,share,x,5,0,100,0,no,s").verdict.item() == "does-not-follow"


@pytest.mark.parametrize("row", ["a,share,x,năm,10,50,0,yes,s", "a,share,x,5,10,50%,0,yes,s"])
def test_a_cell_that_is_no_number_is_named_by_its_line(tmp_path, row):
    with pytest.raises(UsageError) as wrong:
        pairs(tmp_path, row)
    assert wrong.value.params["line"] == 2


def test_a_missing_column_is_named(tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text("id,what\n1,a\n", encoding="utf-8")
    with pytest.raises(UsageError) as wrong:
        verify_pairs(path)
    assert wrong.value.params["columns"] == "numerator, denominator, published_pct"


counts = st.integers(1, 10**9)


@given(counts, counts, st.integers(0, 4))
def test_what_is_rounded_half_up_always_follows(numerator, denominator, decimals):
    printed = rounded(Fraction(numerator * 100, denominator), decimals)
    assert judged(numerator, denominator, printed, decimals) == "follows"
    assert within_precision(Decimal(numerator), Decimal(denominator), printed, decimals)


@given(counts, counts, st.integers(0, 4), st.integers(2, 50))
def test_two_units_off_never_follows(numerator, denominator, decimals, units):
    off = rounded(Fraction(numerator * 100, denominator), decimals)
    off += Decimal(units).scaleb(-decimals)
    assert judged(numerator, denominator, off, decimals) == "does-not-follow"


def test_a_table_as_excel_writes_it_in_vietnam_is_read(tmp_path):
    path = tmp_path / "bảng của tôi.csv"
    path.write_bytes(
        "\ufeffid;numerator;denominator;published_pct\r\na;1;3;33,3\r\nb;1,9;1,5;125\r\n".encode()
    )
    found = verify_pairs(path)
    assert list(found.verdict) == ["follows", "does-not-follow"]
    assert list(found.computed) == [Decimal("33.3"), Decimal("127")]
    path.write_text("id;numerator;denominator;published_pct\na;1.900;3;33,3\n", encoding="utf-8")
    with pytest.raises(UsageError, match="pairs-number"):
        verify_pairs(path)


def test_a_table_that_is_not_there_or_lacks_columns_says_what_is_needed(tmp_path):
    with pytest.raises(UsageError, match="path-missing"):
        verify_pairs(tmp_path / "nope.csv")
    path = tmp_path / "a.csv"
    path.write_text("id,what\n", encoding="utf-8")
    with pytest.raises(UsageError, match="pairs-columns") as refused:
        verify_pairs(path)
    assert refused.value.params["columns"] == "numerator, denominator, published_pct"
