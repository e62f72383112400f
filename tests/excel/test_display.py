import io
import re
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from thidua_analysis.excel import Sheet, read
from thidua_analysis.excel.number_formats import as_seen, is_telling, shown
from thidua_analysis.vietnamese.numbers import parse

ACCOUNTS = '_-* #,##0\\ "₫"_-;\\-* #,##0\\ "₫"_-;_-* "-"\\ "₫"_-;_-@_-'


@pytest.mark.parametrize(
    "code",
    [
        *("", "General", "0", "0.00", "#,##0", "#,##0.0#", "#,###", "@", "0.00E+00", "# ?/?"),
        *("#,##0;[Red]-#,##0", "#,##0_);[Red]\\(#,##0\\)", "0;-0;;@", "+0;-0;0", "[$-42A]#,##0"),
        '_(* #,##0_);_(* \\(#,##0\\);_(* "-"??_);_(@_)',
        '_-* #,##0\\ _₫_-;\\-* #,##0\\ _₫_-;_-* "-"\\ _₫_-;_-@_-',
        *("dd/mm/yyyy", '"ngày" d', "[h]:mm", "*-#,##0"),
    ],
)
def test_usual_formats_show_what_is_stored(code: str) -> None:
    assert not is_telling(code)


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        # words and scale
        (48.5, '0.0" tỷ đồng"', "48,5 tỷ đồng"),
        (20_750_000_000.0, '#,##0" đ"', "20.750.000.000 đ"),
        (20_750_400_000.0, "#,##0,,", "20750,4"),
        (850e6, '#,##0.0,," triệu"', "850 triệu"),
        (17500.0, "#,##0 [$USD]", "17500 USD"),
        (17500.0, '"$"#,##0', "$17500"),
        (17500.0, "#,##0\\ [$₫-42A]", "17500 ₫"),
        (5.0, 'General" hộ"', "5 hộ"),
        (70.0, '0"%"', "70%"),
        (0.7, '0.0%" kế hoạch"', "70% kế hoạch"),
        (8.0, '">"0', ">8"),
        (25.0, '0"/82"', "25/82"),
        (7.0, "00", "07"),
        (2023.0, '"Năm "0', "Năm 2023"),
        (350.0, '0"+"', "350+"),
        # never the digits that the format rounds to
        (1.26, '0.0" tỷ"', "1,26 tỷ"),
        (0.1 + 0.2, '0.0" km"', "0,3 km"),
        # sections and conditions
        (70.0, '[<=1]0.0%;0.0"%"', "70%"),
        (5e9, '[>=1000000000]#,##0.0,,," tỷ";[>=1000000]#,##0.0,," triệu";#,##0', "5 tỷ"),
        (5e6, '[>=1000000000]#,##0.0,,," tỷ";[>=1000000]#,##0.0,," triệu";#,##0', "5 triệu"),
        (0.0, '0;-0;"Không"', "Không"),
        (1.0, '[=1]"Có";"Không có"', "Có"),
        (-5.0, ACCOUNTS, "-5 ₫"),
        (-5.0, '0" đ"_);(0" đ")', "-5 đ"),
        (-5.0, '0" đ"', "-5 đ"),
        ("tỉnh", '"Cấp "@', "Cấp tỉnh"),
    ],
)
def test_a_cell_shows_its_number_with_the_words_of_its_format(
    value: float | str, code: str, text: str
) -> None:
    assert is_telling(code)
    assert shown(value, code).text == text


@pytest.mark.parametrize(
    ("value", "code"),
    [
        *((5.0, ";;;"), (0.0, ";;;"), ("tỉnh", ";;;"), (5.0, '"-"')),
        # a sign that is lost, or one too many
        *((-5.0, "0;0"), (-5.0, "0;[Red]0"), (-5.0, '0" đ";0" đ"'), (-5.0, "[<0]0;0")),
        *((5.0, '"-"0'), (5.0, '"("0")"')),
        # digits that are not there
        *((5.0, '0"000"'), (5.0, '0".000"'), (5.0, '0" 000 đồng"'), (5.0, '"1"0'), (5.0, "0*0")),
        *((150.0, '0","00'), (15.0, '0"."0'), (5.0, '[<10]"3";0'), (5.0, '[<10]"Không";0')),
    ],
)
def test_a_display_that_contradicts_its_number_is_told(value: float | str, code: str) -> None:
    assert is_telling(code)
    assert shown(value, code).contradicts


@pytest.mark.parametrize(
    ("value", "code"),
    [
        *((0.0, ACCOUNTS), (0.0, '[=0]"-";0'), (0.0, "0;-0;;@"), (5.0, '[=0]"-";0')),
        *((53211.0, '#"."##0'), (912345678.0, '#" "###" "###'), (50.0, '[>100]0" trăm"')),
        *((5.0, '0;-0;"Không"'), (-3.0, "[>=0]0;-0"), ("tỉnh", '0" đ";-0" đ";0;@')),
    ],
)
def test_a_number_stays_one_where_nothing_is_added_to_it(value: float | str, code: str) -> None:
    found = shown(value, code)
    assert (found.text, found.is_percent, found.contradicts) == (None, False, False)


# --- in a sheet


def test_what_is_seen_stands_in_the_sheet_and_what_is_stored_beside_it() -> None:
    rows = [["Giá trị", 48.5, -5.0], [0.7, 3.0]]
    codes = {(1, 2): '0.0" tỷ"', (1, 3): "0;0", (2, 1): "0%", (2, 2): "0", (9, 9): ";;;"}
    found = Sheet("a", rows, formats=codes)
    as_seen(found)
    assert found.rows == [["Giá trị", "48,5 tỷ", -5.0], [0.7, 3.0]]
    assert (found.stored, found.percents, found.unlike) == ({(1, 2): 48.5}, {(2, 1)}, {(1, 3)})
    assert found.fault(1, 3) == "number-display"
    assert found.fault(1, 2) is None


def test_a_sheet_of_usual_formats_stays_as_it_is() -> None:
    plain = Sheet("a", [[5.0]], formats={(1, 1): "#,##0"})
    as_seen(plain)
    assert (plain.rows, plain.stored, plain.percents, plain.unlike) == ([[5.0]], {}, set(), set())


# --- the typed twin

WORDS = [
    "",
    " đ",
    " đồng",
    " triệu đồng",
    " tỷ",
    " hộ",
    "%",
    " USD",
    " điểm",
    " nghìn",
    " (tăng 3)",
]
BOUNDS = ["", ">", "≥ ", "khoảng ", "dưới ", "USD "]
NUMBERS = st.one_of(st.integers(0, 10**14).map(float), st.decimals(0, 10**6, places=3).map(float))


@given(
    NUMBERS,
    st.sampled_from(WORDS),
    st.sampled_from(BOUNDS),
    st.sampled_from(["0", "#,##0", "#,##0.00", "General"]),
    st.integers(0, 3),
    st.sampled_from(["count", "number", "money", "percent", "rank"]),
)
def test_a_formatted_number_is_read_as_its_typed_twin(
    value, words, bound, digits, thousands, kind
) -> None:
    assume(not (digits == "General" and thousands))
    quoted = [f'"{text}"' if text else "" for text in (bound, words)]
    code = f"{quoted[0]}{digits}{',' * thousands}{quoted[1]}"
    exact = Decimal(format(value, ".15g")).scaleb(-3 * thousands)
    plain = f"{exact:f}".replace(".", ",")
    typed = f"{bound}{re.sub(',?0*$', '', plain) if ',' in plain else plain}{words}"
    found = shown(value, code)
    assert not found.contradicts
    if not (words or bound or thousands):
        assert found.text is None
        return
    one, other = (parse(text or "", kind, "hộ") for text in (found.text, typed))
    assert (one.value, one.bound, one.remark, one.codes, one.fraction) == (
        other.value, other.bound, other.remark, other.codes, other.fraction,
    )  # fmt: skip


@given(st.floats(allow_nan=False), st.text('0#?,.%@;"\\_*[]<>=-+()$đ 1E/G', max_size=20))
def test_any_code_is_read(value: float, code: str) -> None:
    if is_telling(code):
        shown(value, code)
        shown("chữ", code)


def test_codes_come_from_the_file(tmp_path) -> None:
    book = openpyxl.Workbook()
    for column, code in enumerate(('0.0" tỷ"', "#,##0", "0%", ";;;"), 1):
        book.active.cell(1, column, 0.5).number_format = code
    out = io.BytesIO()
    book.save(out)
    (found,) = read(out.getvalue(), "a.xlsx").workbook.sheets
    assert list(found.rows[0]) == ["0,5 tỷ", 0.5, 0.5, 0.5]
    assert (found.percents, found.unlike) == ({(1, 3)}, {(1, 4)})
