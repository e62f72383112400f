from __future__ import annotations

import re

import pytest

from thidua_analysis.vietnamese.text import is_syllable


@pytest.mark.parametrize(
    "word",
    "nghiêng khuỷu quý quyết giếng gì gìn huỳnh hoà hòa thuở xoong ngoằn Nguyễn QUỲNH yêu ý uỷ ủy "
    "oái hoạt uống giữa ưu lí lý tuần huơ rượu tuyết khuya khoẻ ngoáy oan ươm ích ấp ắt quốc quơ "
    "ghế nghĩ kỹ cứng ngoặc giặc giết chuếnh choáng Đắk kạn".split(),
)
def test_a_written_syllable_is_known(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize(
    "word",
    "hoat bàt kà cế ngê ghà qa quôn hòan giuờng strong Köln été año für HĐND x bỏc tấch".split(),
)
def test_what_the_spelling_rules_forbid_is_no_syllable(word: str) -> None:
    assert not is_syllable(word)


def test_nothing_and_two_words_are_no_syllable() -> None:
    assert not is_syllable("")
    assert not is_syllable("hai từ")


@pytest.mark.parametrize("stop", ["ác", "ách", "áp", "át"])
def test_a_stop_takes_only_the_two_sharp_tones(stop: str) -> None:
    for vowel, allowed in zip("aàáảãạ", (False, False, True, False, False, True), strict=True):
        assert is_syllable("b" + stop.replace("á", vowel)) is allowed


def test_every_word_of_an_ordinary_sentence_is_a_syllable(sentences: list[str]) -> None:
    words = {word for text in sentences for word in re.findall(r"[^\W\d_]+", text)}
    assert {word for word in words if not is_syllable(word)} <= {"A"} | {"Ính"}


def test_loose_marks_are_read_like_composed_letters() -> None:
    assert is_syllable("hô\u0323i")
