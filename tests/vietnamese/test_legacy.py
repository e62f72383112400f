from __future__ import annotations

import unicodedata

import pytest
from babel import Locale

from thidua_analysis.vietnamese.cell_text import (
    ENCODINGS,
    Encoding,
    Legacy,
    convert,
    detect,
    detect_runs,
    font_encoding,
    may_be_legacy,
    supporting_words,
    tables,
)

FONTS: dict[Encoding, str] = {"tcvn3": ".VnTime", "vni": "VNI-Times"}
EUROPEAN = "fr de es pt da nb sv fi cs sk is it pl hu nl ro et ca ga".split()


def encode(text: str, encoding: Encoding) -> str:
    """Write Unicode text as the legacy encoding has it."""
    letters = {letter: code for code, letter in tables()[encoding].items()}
    return "".join(letters.get(letter, letter) for letter in text)


def without_toned_capitals(text: str) -> str:
    """Write toned capitals small: TCVN3 has none outside its fonts of capitals."""
    known = set(tables()["tcvn3"].values())
    return "".join(
        letter if letter.isascii() or letter in known else letter.lower() for letter in text
    )


def test_each_encoding_writes_every_vietnamese_letter_with_marks_once() -> None:
    letters = {
        unicodedata.normalize("NFC", vowel + tone)
        for vowel in "aăâeêioôơuưy"
        for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    } - set("aeiouy") | {"đ"}
    assert len(letters) == 67
    for encoding in ENCODINGS:
        assert sorted(v for v in tables()[encoding].values() if v.islower()) == sorted(letters)
    assert {letter.upper() for letter in letters} <= set(tables()["vni"].values())
    assert {v for v in tables()["tcvn3"].values() if v.isupper()} == set("ĂÂĐÊÔƠƯ")


def test_the_soft_hyphen_is_a_letter_in_tcvn3() -> None:
    assert convert("th\u00adëng", "tcvn3") == "thưởng"


def test_the_longest_pair_wins_in_vni() -> None:
    assert convert("TRÖÔØNG öôùc", "vni") == "TRƯỜNG ước"


def test_a_font_of_capitals_converts_to_capitals() -> None:
    legacy = detect("Héi cùu chiÕn binh tØnh", ".VnTimeH")
    assert legacy
    assert legacy.text == "HỘI CỰU CHIẾN BINH TỈNH"


@pytest.mark.parametrize(
    ("font", "encoding"),
    [
        (".VnTime", "tcvn3"),
        (".VnArialH", "tcvn3"),
        (".vntime", "tcvn3"),
        ("VNI-Times", "vni"),
        ("VNI Helve", "vni"),
        ("Vni-Times", "vni"),
        ("UVN Bach Dang", None),
        ("UTM Avo", None),
        ("SVN-Arial", None),
        ("Times New Roman", None),
        ("VnTime", None),
        ("", None),
        (None, None),
    ],
)
def test_a_font_names_its_encoding(font: str | None, encoding: str | None) -> None:
    assert font_encoding(font) == encoding


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_sentences_come_back_from_a_legacy_font_exactly(
    sentences: list[str], encoding: Encoding
) -> None:
    for sentence in map(without_toned_capitals, sentences):
        legacy = encode(sentence, encoding)
        assert detect(legacy, FONTS[encoding]) == Legacy(encoding, sentence, sure=True)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_sentences_without_a_font_are_only_suggested(
    sentences: list[str], encoding: Encoding
) -> None:
    for sentence in map(without_toned_capitals, sentences):
        found = detect(encode(sentence, encoding))
        assert found is None or found == Legacy(encoding, sentence, sure=False)
        assert (
            found
            or len(supporting_words(encode(sentence, encoding))) == 0
            or (max(supporting_words(encode(sentence, encoding)).values()) < 2)
        )


def test_sentences_in_a_font_of_capitals_come_back_in_capitals(sentences: list[str]) -> None:
    for sentence in sentences:
        legacy = encode(sentence.lower(), "tcvn3")
        assert detect(legacy, ".VnTimeH") == Legacy("tcvn3", sentence.upper(), sure=True)


def test_sentences_in_vni_capitals_come_back(sentences: list[str]) -> None:
    for sentence in sentences:
        legacy = encode(sentence.upper(), "vni")
        assert detect(legacy, "VNI-Times") == Legacy("vni", sentence.upper(), sure=True)


def test_capitals_typed_in_a_plain_tcvn3_font_become_whole() -> None:
    assert detect("HéI N¤NG D¢N TØNH", ".VnTime") == Legacy("tcvn3", "HỘI NÔNG DÂN TỈNH", True)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_place_name_is_never_converted_wrongly(
    place_names: list[str], encoding: Encoding
) -> None:
    for name in place_names:
        typed = without_toned_capitals(name) if encoding == "tcvn3" else name
        found = detect(encode(typed, encoding), FONTS[encoding], majority=encoding)
        if found and found.sure:
            assert found.text in (name, typed, name.title())


@pytest.mark.parametrize("font", [None, *FONTS.values(), ".VnTimeH", "Arial"])
def test_unicode_place_names_stay_in_any_font(place_names: list[str], font: str | None) -> None:
    assert [name for name in place_names if detect(name, font)] == []


@pytest.mark.parametrize("majority", [None, *ENCODINGS])
def test_unicode_sentences_stay_in_any_font_and_sheet(
    sentences: list[str], majority: str | None
) -> None:
    for font in (None, *FONTS.values()):
        assert [text for text in sentences if detect(text, font, majority)] == []


@pytest.mark.parametrize("majority", [None, *ENCODINGS])
def test_sentences_in_other_languages_stay(
    foreign_sentences: list[str], majority: str | None
) -> None:
    assert [text for text in foreign_sentences if detect(text, None, majority)] == []


def test_names_of_countries_and_languages_in_nineteen_languages_stay() -> None:
    names = {
        str(name)
        for language in EUROPEAN
        for kind in ("territories", "languages", "currencies")
        for name in getattr(Locale(language), kind).values()
    }
    suspects = [name for name in names if may_be_legacy(name)]
    assert len(suspects) > 5_000
    assert [name for name in suspects if detect(name)] == []


def test_one_word_without_a_legacy_font_is_no_proof() -> None:
    assert detect("thùc hiÖn".split()[1], "Arial") is None


def test_one_word_and_the_sheet_make_a_suggestion() -> None:
    assert detect("HiÖn", None, majority="tcvn3") == Legacy("tcvn3", "Hiện", sure=False)


def test_one_word_and_the_font_are_proof() -> None:
    assert detect("HiÖn", ".VnTime") == Legacy("tcvn3", "Hiện", sure=True)


def test_font_and_sheet_decide_a_word_that_reads_both_ways() -> None:
    assert detect("bét", ".VnTime") is None
    assert detect("bét", ".VnTime", majority="tcvn3") == Legacy("tcvn3", "bột", sure=True)


@pytest.mark.parametrize(
    ("typed", "meant", "encoding"),
    [
        ("Ghi chó", "Ghi chú", "tcvn3"),
        ("Êm no", "ấm no", "tcvn3"),
        ("bá, bè", "bỏ, bố", "tcvn3"),
        ("bò", "bị", "vni"),
    ],
)
def test_everyday_words_that_read_as_others_follow_font_and_sheet(
    typed: str, meant: str, encoding: Encoding
) -> None:
    assert detect(typed, FONTS[encoding], majority=encoding) == Legacy(encoding, meant, sure=True)
    for font, majority in ((FONTS[encoding], None), (None, encoding), ("Arial", encoding)):
        assert detect(typed, font, majority) is None


def test_a_sign_between_words_is_no_word() -> None:
    for text in ("Hội Nông dân · 2023", "form · member", "§ 5", "« x »"):
        assert detect(text, ".VnTime") is None
    assert detect("2 « t«", ".VnTime") == Legacy("tcvn3", "2 ô tô", sure=True)
    assert detect("A · B", ".VnTime", majority="tcvn3") == Legacy("tcvn3", "A ã B", sure=False)


def test_a_usual_unicode_word_in_a_legacy_font_stays_even_in_a_legacy_sheet() -> None:
    for name in ("Long Tân", "Xã Mê Linh", "Nam Hòa", "Phình Sáng"):
        assert detect(name, ".VnTime", majority="tcvn3") is None


def test_a_name_that_no_reading_makes_vietnamese_is_only_suggested() -> None:
    assert detect("Ea D¨h", ".VnTime", majority="tcvn3") == Legacy("tcvn3", "Ea Dăh", sure=False)


def test_an_abbreviation_follows_font_and_sheet() -> None:
    assert detect("L§L§", ".VnTime", majority="tcvn3") == Legacy("tcvn3", "LĐLĐ", sure=True)


def test_in_a_mixed_cell_only_the_legacy_words_are_converted() -> None:
    mixed = "Hội nghị tæng kÕt n¨m, bé phận H§ND"
    assert detect(mixed, ".VnTime") == Legacy(
        "tcvn3", "Hội nghị tổng kết năm, bé phận HĐND", sure=True
    )


def test_in_a_legacy_cell_words_that_read_both_ways_follow_the_others() -> None:
    assert detect("X· Trµ Nó", ".VnTime") == Legacy("tcvn3", "Xã Trà Nú", sure=True)
    assert detect("Thò traán Kon Dông", "VNI-Times") == Legacy("vni", "Thị trấn Kon Dông", True)


def test_in_a_cell_of_mostly_unicode_words_they_stay() -> None:
    assert detect("Phình Sáng, Tân Lâm: tæng kÕt", ".VnTime") == Legacy(
        "tcvn3", "Phình Sáng, Tân Lâm: tổng kết", sure=True
    )


def test_abbreviations_do_not_hide_legacy_text_without_a_font() -> None:
    assert detect("Sè 12/Q§-UBND ngµy kÕt") == Legacy("tcvn3", "Số 12/QĐ-UBND ngày kết", False)


def test_a_font_that_contradicts_the_words_proves_nothing() -> None:
    found = detect("chiÕn binh tØnh", "VNI-Times")
    assert found == Legacy("tcvn3", "chiến binh tỉnh", sure=False)


def test_words_speak_for_an_encoding_once_each() -> None:
    assert supporting_words("chiÕn tØnh chiÕn") == {"tcvn3": 2}
    assert supporting_words("chieán tænh") == {"vni": 2}
    assert supporting_words("Hội Nông dân") == {}
    assert supporting_words("plain") == {}


def test_each_run_is_judged_by_its_own_font() -> None:
    runs = (("Tæng kÕt ", ".VnTime"), ("năm 2023, café", "Arial"))
    assert detect_runs("Tæng kÕt năm 2023, café", runs) == Legacy(
        "tcvn3", "Tổng kết năm 2023, café", sure=True
    )


def test_a_word_cut_by_two_runs_of_one_encoding_is_read_whole() -> None:
    runs = (("chi", ".VnTime"), ("Õn tØnh", ".VnArial"))
    assert detect_runs("chiÕn tØnh", runs) == Legacy("tcvn3", "chiến tỉnh", sure=True)


def test_runs_that_do_not_add_up_are_ignored() -> None:
    assert detect_runs("chiÕn tØnh", (("chiÕn", ".VnTime"),)) == Legacy(
        "tcvn3", "chiến tỉnh", sure=False
    )


def test_runs_without_legacy_text_are_unicode() -> None:
    assert detect_runs("Nông dân", (("Nông ", "Arial"), ("dân", None))) is None
