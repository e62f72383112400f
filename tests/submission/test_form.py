"""The forms and the list of awards are data that a reader can trust."""

import pytest

from thidua_analysis.findings import ConfigError
from thidua_analysis.form import awards, config
from thidua_analysis.form.forms import _refuse_nonsense, current, forms
from thidua_analysis.form.model import Form, money_scale
from thidua_analysis.vietnamese.text import key

TABLES = [(form, table) for form in forms().values() for table in form.tables]
AWARDS = {award.name: award for award in awards.awards().values()}.values()
SMALL = """
id = "TDKT-THU/1"
kind = "unit"
title = "Thử"
[info]
sheet = "Thông tin"
fields = []
[codes.level]
province = ["Cấp tỉnh"]
[[tables]]
id = "ranks"
sheet = "Xếp hạng"
key = ["cluster"]
fields = [
  { name = "cluster", heading = "Cụm", type = "text", required = true },
  { name = "level", heading = "Cấp", type = "code", codes = "level" },
]
checks = []
"""


@pytest.mark.parametrize(("form", "table"), TABLES, ids=lambda x: x.id)
def test_no_heading_names_two_fields_of_a_table(form, table):
    assert {path: names for path, names in table.headings.items() if len(names) > 1} == {}
    assert not table.passed_over & table.headings.keys()


@pytest.mark.parametrize("form", forms().values(), ids=lambda f: f.id)
def test_every_label_means_its_code_with_and_without_its_bracket(form):
    for name, codes in form.codes.items():
        for code, labels in codes.items():
            for label in labels:
                assert form.code_index[name][key(label)] == code
                assert form.code_index[name][key(label.partition("(")[0])] == code


def test_every_field_has_its_codes_unit_and_size_in_the_form():
    for form in forms().values():
        _refuse_nonsense(form, form.id)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ('key = ["cluster"]', 'key = ["khoi"]'),
        ('codes = "level"', 'codes = "cap"'),
        ("checks = []", 'checks = [{ rule = "part", part = "a", whole = "cluster" }]'),
    ],
)
def test_a_form_that_names_what_it_does_not_have_is_refused(wrong, right):
    form = config.parse(Form, SMALL.replace(wrong, right), "thu.toml")
    with pytest.raises(ConfigError):
        _refuse_nonsense(form, "thu.toml")


def test_a_label_of_two_codes_is_refused():
    text = SMALL.replace(
        'province = ["Cấp tỉnh"]', 'province = ["Cấp tỉnh"]\nstate = ["cấp  tỉnh"]'
    )
    with pytest.raises(ConfigError):
        _ = config.parse(Form, text, "thu.toml").code_index


def test_unknown_words_in_a_form_are_refused():
    with pytest.raises(ConfigError):
        config.parse(Form, SMALL.replace("key =", "khóa ="), "thu.toml")


@pytest.mark.parametrize(
    ("unit", "scale"),
    [("đồng", 1), ("1.000 đồng", 1000), ("nghìn đồng", 1000), ("triệu đồng", 10**6),
     ("tr.đ", 10**6), ("tỷ", 10**9), ("tỷ đồng", 10**9), ("người", None), ("%", None), ("", None)],
)  # fmt: skip
def test_units_of_money_scale_exactly(unit, scale):
    assert money_scale(unit) == scale


def test_levels_of_awards_are_those_of_the_form():
    known = set(current("unit").codes["level"])
    assert all(set(award.levels) <= known and award.levels for award in AWARDS)


@pytest.mark.parametrize("award", AWARDS, ids=lambda a: a.name)
def test_every_spelling_of_an_award_is_that_award(award):
    for text in (award.name, *award.aliases):
        assert awards.match(text) is award
        assert awards.match(text.upper()) is award
        assert awards.canonical(text) == award.name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Chiến sỹ thi đua cơ sở", "Chiến sĩ thi đua cơ sở"),
        ("HCLĐ hạng III", "Huân chương Lao động hạng Ba"),
        ("Huân chương Lao động, hạng Nhì", "Huân chương Lao động hạng Nhì"),
        ("HCLĐ h3", "Huân chương Lao động hạng Ba"),
        ("Bằng khen cấp tỉnh", "Bằng khen của Chủ tịch UBND tỉnh"),
        ("Cờ thi đua UBND tỉnh", "Cờ thi đua của UBND tỉnh"),
        ("Bằng khen TW Hội", "Bằng khen cấp bộ, ban, ngành, đoàn thể trung ương"),
        ("Hộ sản xuất kinh doanh giỏi", "Hộ sản xuất kinh doanh giỏi"),
        ("Giấy khen hạng Ba", "Giấy khen hạng Ba"),
        ("Huân chương Lao động (hạng Ba)", "Huân chương Lao động hạng Ba"),
        ("HCLĐh3", "Huân chương Lao động hạng Ba"),
        ("Nghệ sỹ ưu tú", "Nghệ sĩ Ưu tú"),
        ("Tập thể LĐTT", "Tập thể lao động tiên tiến"),
        ("BK của Chủ tịch Uỷ ban nhân dân tỉnh", "Bằng khen của Chủ tịch UBND tỉnh"),
        ("Bằng khen của UBND tỉnh Lai Châu", "Bằng khen của Chủ tịch UBND tỉnh"),
        ("Bằng khen của Ban Thường vụ Hội Nông dân tỉnh", "Bằng khen của tổ chức cấp tỉnh"),
        ("Bằng khen Tỉnh đoàn", "Bằng khen của tổ chức cấp tỉnh"),
        ("Bằng khen của Công an tỉnh Lai Châu", "Bằng khen của Công an tỉnh Lai Châu"),
        ("Bằng khen Tỉnh hội", "Bằng khen Tỉnh hội"),
        ("GK của UBND xã Mường Khoa", "Giấy khen của Chủ tịch UBND cấp xã"),
    ],
)
def test_spellings_of_one_award_are_counted_as_one_and_nothing_is_guessed(typed, name):
    assert awards.canonical(typed) == name
