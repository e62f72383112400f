"""A number typed with words of its own label."""

import pytest

from thidua_analysis.form.forms import forms
from thidua_analysis.submission.info import only_number, own_number

FIELDS = {f.name: f for f in forms()["TDKT-DV/1"].info.fields}


@pytest.mark.parametrize(
    ("typed", "name", "number"),
    [
        ("Lần 2", "revision", "2"),
        ("lần gửi  02", "revision", "02"),
        ("LẦN 3.", "revision", "3"),
        ("Năm 2023", "year", "2023"),
        ("Năm\nbáo cáo 2023", "year", "2023"),
    ],
)
def test_a_whole_number_behind_how_its_label_begins_is_that_number(typed, name, number):
    assert own_number(typed, FIELDS[name]) == number


@pytest.mark.parametrize(
    "typed",
    ["", "2", "Lần", "Lần 0", "Lần 2.5", "Lần 2 3", "Lần 2/3", "Lần -2", "Lần thứ 2", "gửi 2",
     "Lầ 2", "2 lần", "Năm 2", "Lần 12345", "Lần hai"],
)  # fmt: skip
def test_anything_more_or_else_is_not(typed):
    assert own_number(typed, FIELDS["revision"]) is None


def test_the_only_number_of_a_text_is_proposed():
    assert [only_number(t) for t in ("Lần thứ 2", "lần 2/3", "lần đầu", "số 0", "99999")] == [
        "2", None, None, None, None,
    ]  # fmt: skip
