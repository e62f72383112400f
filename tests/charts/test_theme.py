from itertools import pairwise

import pytest
from matplotlib.font_manager import findfont

from thidua_analysis.charts import theme
from thidua_analysis.publish.html import WEB_FONTS

BASES = "aăâeêioôơuưy"
TONES = "\u0300\u0301\u0303\u0309\u0323"


def vietnamese_letters():
    import unicodedata

    small = {*BASES, "đ"}
    small |= {unicodedata.normalize("NFC", base + tone) for base in BASES for tone in TONES}
    return {letter for one in small for letter in (one, one.upper())}


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def light(colour):
    return colour


def dark(colour):
    return theme.DARK[colour]


def test_font_holds_every_vietnamese_letter():
    marked = {letter for letter in vietnamese_letters() if ord(letter) > 127}
    assert len(marked) == 134
    assert {ord(letter) for letter in vietnamese_letters()} <= theme.letters()


def test_font_holds_the_signs_that_charts_print():
    assert {ord(sign) for sign in "−–·…%₫≤≥±×▲▼●■◆○✓✗↓Σ"} <= theme.letters()


def test_drawing_uses_the_bundled_font_only():
    with theme.drawing():
        for bold in (False, True):
            assert findfont(theme.font(bold=bold), fallback_to_default=False).startswith(
                str(theme.FONTS)
            )


def test_licence_stands_beside_the_font():
    assert "SIL OPEN FONT LICENSE" in (theme.FONTS / "OFL.txt").read_text(encoding="utf-8")


def test_pages_carry_the_same_letters():
    from fontTools.ttLib import TTFont

    drawn = TTFont(theme.FONTS / "ThiduaSans-Regular.ttf").getBestCmap()
    assert set(drawn) == theme.letters()
    for file in WEB_FONTS.values():
        assert file.read_bytes()[:4] == b"wOF2"


@pytest.mark.parametrize("look", [light, dark])
def test_series_stand_out_from_the_paper_and_from_the_next_one(look):
    paper = look(theme.PAPER)
    for colour in theme.PALETTE:
        assert contrast(look(colour), paper) >= 3
    for one, following in pairwise(theme.PALETTE):
        assert contrast(look(one), look(following)) >= 3


@pytest.mark.parametrize("look", [light, dark])
def test_text_reads_well_on_paper_and_on_bars(look):
    for ink in (theme.INK, theme.MUTED, theme.CONTEXT):
        assert contrast(look(ink), look(theme.PAPER)) >= 4.5
    for colour in (*theme.PALETTE, *theme.BLUES):
        assert contrast(look(theme.on(colour)), look(colour)) >= 4.5, colour


def test_letters_that_the_font_lacks_are_written_in_others():
    assert theme.printable("Thi\u0323 đua 🏆\n漢") == "Thị đua * *"
    assert theme.printable("Hội 👩\u200d🌾🌾 Nông dân, 5 ㎡ ✔") == "Hội * Nông dân, 5 m2 ✓"


def test_text_is_measured_as_it_is_drawn():
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with theme.drawing():
        figure = theme.blank()
        text = figure.text(0, 0.5, "Tỷ lệ cá nhân trực tiếp", fontproperties=theme.font(size=23))
        renderer = FigureCanvasAgg(figure).get_renderer()
        drawn = text.get_window_extent(renderer).width / theme.DPI
    assert theme.text_width("Tỷ lệ cá nhân trực tiếp", 23) == pytest.approx(drawn, rel=0.02)


def test_wrapped_lines_keep_inside_the_width():
    words = "Tỷ lệ cá nhân trực tiếp công tác, lao động được khen thưởng tăng ở cả 5 cấp " * 3
    rows = theme.wrap(words, 6.0, 15, lines=3).split("\n")
    assert len(rows) == 3
    assert all(theme.text_width(row, 15) <= 6.0 for row in rows)
    assert rows[-1].endswith("…")


def test_balanced_lines_leave_no_lonely_word():
    title = "Tỷ lệ cá nhân trực tiếp công tác, lao động được khen thưởng tăng ở cả 5 cấp"
    first, second = theme.wrap(title, 11.9, 23, bold=True, balanced=True).split("\n")
    assert theme.text_width(second, 23, bold=True) > theme.text_width(first, 23, bold=True) * 0.6


def test_a_letter_without_a_glyph_is_an_error_and_not_a_box():
    with theme.drawing():
        figure = theme.blank()
        figure.text(0, 0, "漢", fontproperties=theme.font())
        with pytest.raises(UserWarning, match="Glyph"):
            figure.draw_without_rendering()
