"""The quick form of a text is its comparison form, or none."""

from hypothesis import given
from hypothesis import strategies as st

from thidua_analysis.submission.row_words import quick_key
from thidua_analysis.vietnamese.text import key


@given(st.text(alphabet="aáoàu1 ,(/).:>-;", max_size=9))
def test_a_quick_form_is_the_comparison_form(text):
    assert quick_key(text) in (None, key(text))
