"""The pages of docs/ say what the forms, the dictionary and the catalogue say."""

import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
PAGES = runpy.run_path(str(DOCS / "make_pages.py"))["PAGES"]


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_as_make_docs_makes_it(name):
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run: make docs"
