"""The pages of docs/ say what the forms, the dictionary and the catalogue say."""

import re
import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
PAGES = runpy.run_path(str(DOCS / "make_pages.py"))["PAGES"]


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_as_make_docs_makes_it(name):
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run: make docs"


@pytest.mark.parametrize(
    "page", [*DOCS.parent.glob("*.md"), *DOCS.glob("*.md")], ids=lambda p: p.name
)
def test_every_link_to_a_file_leads_to_one(page):
    links = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    assert [to for to in links if ":" not in to and not (page.parent / to).exists()] == []


def test_the_glossary_names_what_the_program_has():
    rows = re.findall(r"^\|.*\|(.*)\|$", (DOCS / "glossary.md").read_text("utf-8"), re.M)
    named = re.findall(r"`(\w+)`", " ".join(rows))
    known = "".join((DOCS / name).read_text("utf-8") for name in PAGES)
    assert len(named) > 20
    assert [name for name in named if not re.search(rf"\b{name}\b", known)] == []
