from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thidua_analysis.vietnamese.text import clean, key, repair_lookalikes

texts = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)
#: what real damage is made of: vowels, loose marks in any order, invisible characters, spaces
messy = st.text(
    alphabet="aeoiuyAEOđhq \t\n().;éêơọ\u00a0\u200b\u00ad\ufeff"
    "\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323",
    max_size=30,
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Hội   Nông\u00a0dân\ntỉnh ", "Hội Nông dân tỉnh"),
        (unicodedata.normalize("NFD", "Hội Nông dân"), "Hội Nông dân"),
        ("ngh\u00e9\u0302", "nghế"),
        ("t\u00f2\u0302n", "tồn"),
        ("ba\u0301\u0306t", "bắt"),
        ("lo\u0323\u0302c", "lộc"),
        ("tho\u0301\u031b", "thớ"),
        ("\ufeffTổng\u200b cộng\u00ad", "Tổng cộng"),
        ("e\u200b\u0301", "é"),
        ("hoà, thuỷ, quý", "hoà, thuỷ, quý"),
        ("Guðrún Þórðardóttir", "Guðrún Þórðardóttir"),
        ("tab\tvà\u2028dòng\u3000mới", "tab và dòng mới"),
        ("\x00\x1fA\x7f", "A"),
        ("", ""),
    ],
)
def test_text_is_stored_composed_with_single_spaces_and_tones_as_typed(
    typed: str, stored: str
) -> None:
    assert clean(typed) == stored


@given(st.one_of(texts, messy))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.one_of(texts, messy))
def test_a_comparison_form_is_its_own_comparison_form(text: str) -> None:
    assert key(key(text)) == key(text)


@given(st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạếềểễệớờởỡợứừửữự ", max_size=30))
def test_loose_marks_and_composed_letters_store_the_same(text: str) -> None:
    assert clean(unicodedata.normalize("NFD", text)) == clean(text)
    assert clean(text) == " ".join(text.split())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hoà Bình", "HÒA BÌNH"),
        ("khoẻ", "Khỏe"),
        ("Uỷ ban", "ủy ban"),
        ("thuý", "THÚY"),
        ("Ghi chú:", "ghi chú"),
        ("(*) Tổng số;", "TỔNG SỐ"),
        ("Đơn vị\ntính", "đơn  vị tính"),
        ("ÂU CƠ", "Âu Cơ"),
        ("Cấp cơ sở(huyện,xã , đơn vị )", "Cấp cơ sở (huyện, xã, đơn vị)"),
        ("Danh hiệu / hình thức", "Danh hiệu/Hình thức"),
    ],
)
def test_headings_that_read_the_same_compare_equal(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HĐND tỉnh", "HND tỉnh"),
        ("Kinh phí năm 2023", "Kinh phí năm 2024"),
        ("Hà Tĩnh", "Hà Tinh"),
        ("Mường Tè", "Mường Te"),
        ("quý", "qúi"),
        ("già", "gìa"),
        ("hoàn", "hòan"),
        ("(1) Cá nhân", "(2) Cá nhân"),
        ("Tăng 1,5%", "Tăng 1, 5%"),
        ("Tập thể", "Tập, thể"),
    ],
)
def test_headings_that_differ_in_a_mark_or_figure_stay_apart(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_the_u_of_qu_never_takes_the_tone() -> None:
    assert key("quý, quỳ") == "quý, quỳ"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Ðại hội", "Đại hội"),
        ("ðoàn viên", "đoàn viên"),
        ("Ɖảng bộ", "Đảng bộ"),
        ("HÐND", "HĐND"),
        ("LÐLÐ tỉnh", "LĐLĐ tỉnh"),
        ("số 12/QÐ-UBND", "số 12/QĐ-UBND"),
        ("Ðắk Lắk", "Đắk Lắk"),
        ("Hộ gіa đình", "Hộ gia đình"),
        ("Сông đoàn", "Công đoàn"),
        ("tоàn tỉnh", "toàn tỉnh"),
    ],
)
def test_letters_that_only_look_vietnamese_are_replaced_in_vietnamese_words(
    typed: str, meant: str
) -> None:
    assert repair_lookalikes(typed) == (meant, True)


@pytest.mark.parametrize(
    "text",
    [
        "Guðrún og Þórður",
        "það er við",
        "GUÐ",
        "Москва и область",
        "Αθήνα",
        "α-tocopherol",
        "Hội Nông dân",
        "",
    ],
)
def test_icelandic_russian_and_greek_words_stay(text: str) -> None:
    assert repair_lookalikes(text) == (text, False)
