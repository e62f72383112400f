"""The pages of docs/ say what the forms, the dictionary and the catalogue say."""

from pathlib import Path

import pytest

from thidua_analysis.publish.handbook import PAGES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_as_make_docs_makes_it(name):
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run: make docs"
