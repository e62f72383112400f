from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thidua_analysis.findings import CODES
from thidua_analysis.vietnamese.cell_text import Text, read_text
from thidua_analysis.vietnamese.text import clean

FONTS = st.sampled_from([None, ".VnTime", ".VnTimeH", "VNI-Times", "Arial"])
MAJORITIES = st.sampled_from([None, "tcvn3", "vni"])
#: no letter from U+00A1 to U+00FF, no letter that only looks Vietnamese
HARMLESS = st.text(
    alphabet=st.characters(
        codec="utf-8",
        exclude_categories=["Cs", "Co", "Cn"],
        exclude_characters="?\ufffd\u0110\u0111\u0189\u0256",
    ).filter(lambda c: not "\u00a1" <= c <= "\u00ff" and not "\u0370" <= c <= "\u052f"),
    max_size=30,
)


@pytest.mark.parametrize(
    ("raw", "font", "majority", "read"),
    [
        ("  Hội\u00a0Nông dân ", None, None, Text("Hội Nông dân")),
        ("abc", ".VnTime", "tcvn3", Text("abc")),
        ("Ch\u00ada hoµn thµnh", ".VnTime", None, Text("Chưa hoàn thành", "text-converted")),
        (
            "Ch\u00ada hoµn thµnh",
            None,
            None,
            Text(None, "text-legacy-unsure", "Chưa hoàn thành"),
        ),
        ("Hoäi Noâng daân", "VNI-Times", None, Text("Hội Nông dân", "text-converted")),
        ("HÐND tỉnh", None, None, Text("HĐND tỉnh", "text-lookalike")),
        ("Ðoàn viên", ".VnTime", "tcvn3", Text("Đoàn viên", "text-lookalike")),
        ("Há»™i NÃ´ng dÃ¢n", None, None, Text(None, "text-mojibake", "Hội Nông dân")),
        ("H\ufffdi", None, None, Text(None, "text-lost")),
        ("T?nh", None, None, Text(None, "text-lost")),
        ("Guðrún", "VNI-Times", None, Text("Guðrún")),
        ("", None, None, Text("")),
    ],
)
def test_a_cell_is_read_converted_or_reported(
    raw: str, font: str | None, majority: str | None, read: Text
) -> None:
    assert read_text(raw, font, majority) == read


def test_rich_text_is_read_by_its_runs() -> None:
    runs = (("Tæng kÕt ", ".VnTime"), ("năm", "Arial"))
    assert read_text("Tæng kÕt năm", ".VnTime", None, runs) == Text(
        "Tổng kết năm", "text-converted"
    )


@given(HARMLESS, FONTS, MAJORITIES)
def test_text_without_legacy_letters_is_only_cleaned(
    raw: str, font: str | None, majority: str | None
) -> None:
    assert read_text(raw, font, majority) == Text(clean(raw))


@given(st.text(max_size=40), FONTS, MAJORITIES)
def test_reading_never_fails_and_a_value_is_clean(
    raw: str, font: str | None, majority: str | None
) -> None:
    value, code, _ = read_text(raw, font, majority)
    assert code is None or code in CODES
    assert (value is None) == (code is not None and CODES[code] == "error")
    assert value is None or clean(value) == value


def test_ordinary_text_is_only_cleaned(
    sentences: list[str], place_names: list[str], foreign_sentences: list[str]
) -> None:
    for text in (*sentences, *place_names, *foreign_sentences):
        assert read_text(text) == Text(clean(text))
