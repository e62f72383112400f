from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thidua_analysis.findings import CODES
from thidua_analysis.vietnamese.numbers import column_has_dot_decimals, parse
from thidua_analysis.vietnamese.quantities import Kind, Number

KINDS: tuple[Kind, ...] = ("count", "number", "money", "percent", "rank")
MILLION, BILLION = 10**6, 10**9
UNITS = st.sampled_from([None, "hộ", "%", "đồng", "triệu đồng", "tỷ đồng", "nghìn người"])


def codes(number: Number) -> list[str]:
    """Codes of the findings, an overridden severity behind the code."""
    return [
        code if severity in (None, CODES[code]) else f"{code}:{severity}"
        for code, severity in number.codes
    ]


def vietnamese(value: int | Decimal, grouped: bool = True) -> str:
    """Write a value as it is written in Vietnam."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,d}"
    text = text.translate(str.maketrans(",.", ".,"))
    return text if grouped else text.replace(".", "")


@pytest.mark.parametrize(
    ("typed", "kind", "value", "found"),
    [
        # as Vietnamese
        ("159", "count", 159, []),
        ("05", "count", 5, []),
        ("1.234,5", "number", Decimal("1234.5"), []),
        ("1.000.000", "count", 1_000_000, []),
        ("70%", "percent", 70, []),
        ("70 %", "number", 70, []),
        ("70 phần trăm", "percent", 70, []),
        ("1.234.567đ", "money", 1_234_567, []),
        ("1.234.567 VNĐ", "money", 1_234_567, []),
        ("−5", "number", -5, []),
        ("-5", "number", -5, []),
        ("–5", "number", -5, []),
        ("１２３", "count", 123, []),
        ("１．２３４，５", "number", Decimal("1234.5"), []),
        ("7,50", "number", Decimal("7.5"), []),
        ("12,0", "count", 12, []),
        ("  159\n", "count", 159, []),
        # one group of three behind a point
        ("53.211", "count", 53_211, []),
        ("2.306", "count", 2_306, []),
        ("53.211", "number", 53_211, []),
        ("53.211", "percent", None, ["number-ambiguous"]),
        # one group of three behind a comma
        ("1,234", "number", Decimal("1.234"), []),
        ("1,234", "money", Decimal("1.234"), []),
        ("1,234", "percent", Decimal("1.234"), []),
        ("1,234", "count", None, ["number-ambiguous"]),
        ("1,234", "rank", None, ["number-ambiguous"]),
        # English
        ("1,234.5", "number", Decimal("1234.5"), ["number-us-format"]),
        ("1,000,000", "count", 1_000_000, ["number-us-format"]),
        ("12.5", "number", Decimal("12.5"), ["number-dot-decimal"]),
        ("0.7", "number", Decimal("0.7"), ["number-dot-decimal"]),
        ("0.700", "number", Decimal("0.7"), ["number-dot-decimal"]),
        ("1.2345", "number", Decimal("1.2345"), ["number-dot-decimal"]),
        ("1234.567", "number", Decimal("1234.567"), ["number-dot-decimal"]),
        # groups parted by spaces
        ("1 234", "count", 1_234, ["number-space-group"]),
        ("1\u00a0234", "count", 1_234, ["number-space-group"]),
        ("1\u202f234\u202f567,5", "number", Decimal("1234567.5"), ["number-space-group"]),
        # no grammar
        ("12.34.567", "count", None, ["number-format"]),
        ("1e5", "number", None, ["number-format"]),
        ("1e2", "number", None, ["number-format"]),
        ("15+3", "count", None, ["number-format"]),
        ("bốn mươi", "count", None, ["number-format"]),
        ("12 34", "count", None, ["number-format"]),
        ("1.234,567,8", "number", None, ["number-format"]),
        ("1.23.456", "number", None, ["number-format"]),
        (",5", "number", None, ["number-format"]),
        ("5,", "number", None, ["number-format"]),
        ("(5)", "number", None, ["number-format"]),
        ("5 tỷ 200 triệu", "money", None, ["number-format"]),
        ("1'234", "number", None, ["number-format"]),
        ("٣", "count", None, ["number-format"]),
        ("²", "count", None, ["number-format"]),
        ("5²", "count", None, ["number-format"]),
        ("5½", "number", None, ["number-format"]),
        ("9" * 300, "count", None, ["number-format"]),
        # ranges
        ("6,6-6,8", "number", None, ["number-range"]),
        ("50-60%", "percent", None, ["number-range"]),
        ("50% – 60%", "percent", None, ["number-range"]),
        ("từ 5 đến 7", "count", None, ["number-range"]),
        # nothing there
        ("-", "count", None, []),
        ("–", "count", None, []),
        ("—", "number", None, []),
        ("\u2011", "count", None, []),
        ("\u20115", "number", -5, []),
        ("…", "count", None, []),
        ("...", "money", None, []),
        ("", "count", None, []),
        (" \u00a0", "count", None, []),
        ("x", "count", None, ["not-applicable"]),
        ("X", "number", None, ["not-applicable"]),
        ("không", "count", 0, ["word-zero"]),
        ("Không.", "money", 0, ["word-zero"]),
        ("không", "rank", None, ["number-format"]),
        # what a column cannot hold
        ("-3", "count", None, ["number-negative"]),
        ("-3", "rank", None, ["number-negative"]),
        ("12,5", "count", None, ["number-not-integer"]),
        ("12.5", "count", None, ["number-not-integer"]),
        ("0", "rank", None, ["number-format"]),
        ("0,7", "percent", None, ["number-percent-scale"]),
        ("0,7%", "percent", Decimal("0.7"), []),
        ("-0", "count", 0, []),
    ],
)
def test_a_number_is_read_as_vietnamese_or_reported(
    typed: str, kind: Kind, value: int | Decimal | None, found: list[str]
) -> None:
    number = parse(typed, kind)
    assert (number.value, codes(number)) == (value, found)
    assert type(number.value) is type(value)


@pytest.mark.parametrize("typed", ["-", "–", "---", "…", "...", "", "x", "\t"])
def test_a_sign_for_nothing_is_missing_and_not_zero(typed: str) -> None:
    for kind in KINDS:
        number = parse(typed, kind)
        assert number.missing
        assert number.value is None
    assert not parse("0", "count").missing
    assert not parse("không", "count").missing


@pytest.mark.parametrize(
    ("typed", "value", "bound"),
    [
        ("≥70%", 70, "ge"),
        (">= 70", 70, "ge"),
        ("ít nhất 5", 5, "ge"),
        ("không dưới 5", 5, "ge"),
        ("5 trở lên", 5, "ge"),
        ("Từ 1.234 trở lên", 1234, "ge"),
        ("trên 2.000", 2000, "gt"),
        ("Hơn 48", 48, "gt"),
        (">5", 5, "gt"),
        ("≤ 3", 3, "le"),
        ("không quá 3", 3, "le"),
        ("tối đa 3", 3, "le"),
        ("3 trở xuống", 3, "le"),
        ("dưới 3", 3, "lt"),
        ("chưa đến 3", 3, "lt"),
        ("<3", 3, "lt"),
        ("khoảng 4", 4, "approx"),
        ("gần 300", 300, "approx"),
        ("xấp xỉ 1.234,5", Decimal("1234.5"), "approx"),
        ("~5", 5, "approx"),
        ("trên dưới 300", 300, "approx"),
        ("ước tính 40", 40, "approx"),
    ],
)
def test_a_word_of_bound_is_kept_with_the_value(
    typed: str, value: int | Decimal, bound: str
) -> None:
    number = parse(typed, "number")
    assert (number.value, number.bound, codes(number)) == (value, bound, ["number-qualifier"])


def test_a_bound_without_a_readable_number_is_an_error_only() -> None:
    assert parse("trên 12.34.567", "count") == Number(None, (("number-format", "error"),))
    assert codes(parse("khoảng trên 5", "count")) == ["number-format"]
    assert codes(parse("vượt 5%", "percent")) == ["number-format"]


@pytest.mark.parametrize(
    ("typed", "kind", "unit", "scale", "value", "found"),
    [
        # the cell names its scale
        ("48 tỷ", "money", None, 1, 48 * BILLION, ["number-scaled"]),
        ("48,5 tỷ đồng", "money", None, 1, 48_500_000_000, ["number-scaled"]),
        ("48,5 tỷ đồng", "money", None, MILLION, 48_500_000_000, ["number-scaled"]),
        ("48,5 tỷ đồng", "number", "đồng", 1, 48_500_000_000, ["number-scaled"]),
        ("48,5 tỷ đồng", "number", "triệu đồng", 1, 48_500, ["number-scaled"]),
        ("48,5 (tỷ đồng)", "number", "Đồng", 1, 48_500_000_000, ["number-scaled"]),
        ("48,5tỷđồng", "money", None, 1, 48_500_000_000, ["number-scaled"]),
        ("12 nghìn tỷ đồng", "money", None, 1, 12_000 * BILLION, ["number-scaled"]),
        ("0,5 triệu", "number", None, 1, 500_000, ["number-scaled"]),
        ("0,5 triệu hộ", "number", "hộ", 1, 500_000, ["number-scaled", "number-unit"]),
        ("902 trđ", "money", None, 1, 902 * MILLION, ["number-scaled"]),
        ("902 tr.đồng", "money", None, 1, 902 * MILLION, ["number-scaled"]),
        ("1.234.567đ", "money", None, MILLION, 1_234_567, ["number-scaled"]),
        ("1.234.567đ", "number", "đồng", 1, 1_234_567, []),
        # the column carries the scale
        ("902", "money", None, MILLION, 902 * MILLION, []),
        ("902,5", "money", None, MILLION, 902_500_000, []),
        ("48,5", "money", "tỷ đồng", MILLION, 48_500_000_000, []),
        ("48,5", "number", "tỷ đồng", 1, Decimal("48.5"), []),
        # twice the scale
        ("48,5 tỷ đồng", "number", "tỷ đồng", 1, None, ["number-unit:error"]),
        ("48,5 tỷ", "number", "Tỷ đồng", 1, None, ["number-unit:error"]),
        # the scale of the heading, said again
        ("902 triệu", "money", None, MILLION, 902 * MILLION, ["number-scaled"]),
        ("902 triệu đồng", "money", None, MILLION, 902 * MILLION, ["number-scaled"]),
        ("902 triệu đồng", "money", "triệu đồng", 1, None, ["number-unit:error"]),
        # a unit restated
        ("350 hộ", "number", "hộ", 1, 350, ["number-unit"]),
        ("350 Hộ", "number", "HỘ", 1, 350, ["number-unit"]),
        ("41,5 km", "number", "km", 1, Decimal("41.5"), ["number-unit"]),
        ("1.234,5 m2", "number", "m²", 1, Decimal("1234.5"), ["number-unit"]),
        ("350 suất", "number", "suất quà", 1, 350, ["number-unit"]),
        ("5 đ/c", "number", "đồng chí", 1, 5, ["number-unit"]),
        ("5 người", "count", None, 1, 5, ["number-unit"]),
        ("5 (người)", "count", None, 1, 5, ["number-unit"]),
        ("5 đồng chí", "count", None, 1, 5, ["number-unit"]),
        ("10.000đ/kg", "number", None, 1, 10_000, ["number-unit"]),
        ("10.000 đồng/kg", "number", "đ/kg", 1, 10_000, ["number-unit"]),
        # a unit that contradicts
        ("5 người", "number", "hộ", 1, None, ["number-unit:error"]),
        ("5 hộ nghèo", "number", "hộ", 1, None, ["number-unit:error"]),
        ("5 đồng chí", "number", "đồng", 1, None, ["number-unit:error"]),
        ("5 người", "number", "nghìn người", 1, None, ["number-unit:error"]),
        ("10.000đ/kg", "money", None, 1, None, ["number-unit:error"]),
        ("5 lạ lùng", "count", None, 1, None, ["number-unit:error"]),
        ("5 hội viên", "count", "người", 1, 5, ["number-unit"]),
        ("5 lượt", "count", "người", 1, 5, ["number-unit"]),
        ("5 hộ", "count", "người", 1, None, ["number-unit:error"]),
        ("5 kg", "count", "người", 1, None, ["number-unit:error"]),
        ("12 tháng", "count", "tháng", 1, 12, ["number-unit"]),
        ("1 năm", "count", "tháng", 1, None, ["number-unit:error"]),
        ("95đ", "number", "điểm", 1, 95, ["number-unit"]),
        ("95 đồng", "number", "điểm", 1, None, ["number-unit:error"]),
        ("70%", "number", "điểm", 1, None, ["number-unit:error"]),
        ("70%", "number", "-", 1, 70, []),
        ("70%", "count", None, 1, None, ["number-unit:error"]),
        ("70%", "number", "hộ", 1, None, ["number-unit:error"]),
        ("70%", "money", None, 1, None, ["number-unit:error"]),
        ("48 tỷ", "percent", None, 1, None, ["number-unit:error"]),
        ("5 tỷ đồng", "count", None, 1, None, ["number-unit:error"]),
        ("5 hộ", "rank", None, 1, None, ["number-unit:error"]),
        # per cent
        ("70%", "number", "%", 1, 70, []),
        ("94,9%", "number", "Tỷ lệ (%)", 1, Decimal("94.9"), []),
        ("94,9", "number", "%", 1, Decimal("94.9"), []),
        ("70 (%)", "number", "%", 1, 70, []),
        ("0,7", "number", "%", 1, None, ["number-percent-scale"]),
        ("1", "number", "%", 1, 1, []),
    ],
)
def test_a_unit_is_scaled_restated_or_contradicts(
    typed: str,
    kind: Kind,
    unit: str | None,
    scale: int,
    value: int | Decimal | None,
    found: list[str],
) -> None:
    number = parse(typed, kind, unit, scale)
    assert (number.value, codes(number)) == (value, found)


def test_a_scale_typed_twice_suggests_the_bare_number() -> None:
    assert parse("48,50 tỷ", "number", "tỷ đồng").suggestion == "48,5"


def test_a_remark_in_brackets_is_kept() -> None:
    assert parse("15 (tăng 3)", "count") == Number(15, (("number-note", None),), remark="tăng 3")
    number = parse("trên 1,5 tỷ đồng ( Quỹ  vì người nghèo )", "money")
    assert number.value == 1_500_000_000
    assert (number.bound, number.remark) == ("gt", "Quỹ vì người nghèo")
    assert codes(number) == ["number-scaled", "number-qualifier", "number-note"]
    assert codes(parse("15 (tăng 3", "count")) == ["number-format"]
    assert codes(parse("(tăng 3)", "count")) == ["number-format"]


@pytest.mark.parametrize(("typed", "rank"), [("25/82", (25, 82)), ("3 / 7", (3, 7))])
def test_a_fraction_is_rank_and_size_in_a_rank_column_only(
    typed: str, rank: tuple[int, int]
) -> None:
    assert parse(typed, "rank") == Number(rank[0], fraction=rank)
    for kind in ("count", "number", "money", "percent"):
        assert parse(typed, kind) == Number(None, (("number-fraction", "error"),), fraction=rank)


def test_a_fraction_with_decimals_is_no_rank() -> None:
    assert parse("3,5/7", "rank") == Number(None, (("number-fraction", "error"),))
    assert parse("9,5/10", "number") == Number(None, (("number-fraction", "error"),))
    assert codes(parse("25/", "rank")) == ["number-format"]
    assert parse("25/82 (toàn quốc)", "rank").fraction == (25, 82)


@pytest.mark.parametrize("kind", ["count", "number", "money"])
@pytest.mark.parametrize("typed", ["53.211", "trên 53.211", "1,234"])
def test_a_group_of_three_is_ambiguous_beside_dot_decimals(kind: Kind, typed: str) -> None:
    assert codes(parse(typed, kind, dot_decimals=True)) == ["number-ambiguous"]


def test_an_ambiguous_number_shows_both_readings() -> None:
    assert parse("1,234", "count").suggestion == "1234; 1,234"
    assert parse("53.210", "count", dot_decimals=True).suggestion == "53210; 53,21"


def test_two_groups_or_a_comma_are_never_ambiguous() -> None:
    assert parse("1.234.567", "count", dot_decimals=True).value == 1_234_567
    assert parse("1.234,5", "number", dot_decimals=True).value == Decimal("1234.5")


@pytest.mark.parametrize(
    ("column", "dots"),
    [
        (["53.211", 3, None, "12.5%"], True),
        (["0.700"], True),
        (["1,234.5"], True),
        (["trên 12.5"], True),
        (["53.211", "2.306", "1.234,5", "7,5"], False),
        (["ngày 10.4.2023", "1.1.2", "Mục 2.1", 12.5], False),
        ([], False),
    ],
)
def test_only_a_certain_dot_decimal_marks_the_column(column: list[object], dots: bool) -> None:
    assert column_has_dot_decimals(column) is dots


def test_a_scale_is_a_power_of_ten() -> None:
    with pytest.raises(ValueError, match="power of ten"):
        parse("1,5", "money", None, 500)


@given(st.integers(min_value=-(10**30), max_value=10**30), st.booleans())
def test_every_integer_written_in_vietnamese_reads_back(value: int, grouped: bool) -> None:
    typed = vietnamese(value, grouped).replace("-", "−")
    assert parse(typed, "number") == Number(value)
    assert parse(typed, "money", scale=MILLION).value == value * MILLION


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15),
    st.booleans(),
)
def test_every_decimal_written_in_vietnamese_reads_back(value: Decimal, grouped: bool) -> None:
    number = parse(vietnamese(value, grouped), "number")
    assert number == Number(number.value)
    assert number.value == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=0, max_value=10**9))
def test_scaling_is_exact(value: Decimal) -> None:
    scaled = parse(f"{vietnamese(value)} tỷ đồng", "money").value
    assert scaled == int(value * 10**6) * 1000


@given(
    st.one_of(st.text(max_size=30), st.text("0123456789.,-−–% /()đtỷriệungkho≥x e+…", max_size=20)),
    st.sampled_from(KINDS),
    UNITS,
    st.sampled_from([1, 1000, MILLION]),
    st.booleans(),
)
def test_parsing_never_fails_and_never_guesses(
    typed: str, kind: Kind, unit: str | None, scale: int, dot_decimals: bool
) -> None:
    number: Any = parse(typed, kind, unit, scale, dot_decimals)
    severities = [severity or CODES[code] for code, severity in number.codes]
    if number.value is None:
        assert number.missing or "error" in severities
    else:
        assert "error" not in severities
        assert not isinstance(number.value, float)
        assert kind not in ("count", "rank") or (type(number.value) is int and number.value >= 0)


@pytest.mark.parametrize(
    "typed", ["1" * 40_000, "1 " * 20_000, "1-" * 20_000, "a" * 32_767, "((" * 9_000]
)
def test_the_longest_text_of_a_cell_is_no_number(typed: str) -> None:
    assert codes(parse(typed, "number")) == ["number-format"]


@pytest.mark.parametrize(
    ("typed", "proposed"),
    [("hạng 3", "3"), ("Xếp thứ 25 / 82", "25/82"), ("thứ ba", None), ("hạng 3 tỉnh", None)],
)
def test_a_rank_in_words_is_proposed_and_not_taken(typed: str, proposed: str | None) -> None:
    number = parse(typed, "rank")
    assert (number.value, codes(number), number.suggestion) == (None, ["number-format"], proposed)
