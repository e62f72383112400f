from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thidua_analysis.vietnamese.text import sort_key

#: each list is in the order of the Unicode collation for Vietnamese (CLDR)
ORDERED = [
    ["a", "A", "à", "ả", "ã", "á", "ạ", "ă", "ằ", "â", "ầ", "b"],
    ["da", "Da", "dà", "dạ", "đa", "e"],
    ["o", "ọ", "ô", "ộ", "ơ", "ợ", "p"],
    ["u", "ụ", "ư", "ự", "v", "w", "x"],
    ["ba", "ba a", "ban", "bàn", "bạn", "bán bạn", "bạn bán", "bằng", "bẩn"],
    ["Hà Giang", "Hà Nội", "Hải Dương", "Hải Phòng", "Hậu Giang", "Hòa Bình", "Hưng Yên"],
    ["Hội - A", "Hội (A)", "Hội 1", "Hội 10", "Hội 2", "Hội A", "Hội, A", "HộiA"],
    ["Tam Đường", "Tân Uyên", "Than Uyên", "Thanh Hóa", "Thành phố", "Thạnh Trị"],
]


@pytest.mark.parametrize("words", ORDERED, ids=lambda words: str(words[0]))
def test_words_sort_as_in_a_vietnamese_dictionary(words: list[str]) -> None:
    shuffled = random.Random(1).sample(words, len(words))
    assert sorted(shuffled, key=sort_key) == words


def test_loose_marks_sort_like_composed_letters() -> None:
    assert sort_key("lo\u0323\u0302c") == sort_key("lộc")


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    assert (sort_key(one) < sort_key(other)) or (sort_key(other) <= sort_key(one))
