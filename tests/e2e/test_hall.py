"""What the hall sees of each page, as `hall.table` counts it, and nothing of it twice."""

import pytest
from hall import SCREEN, measured, pages, repeated

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: Pages that open with the year or with a part of it.
OPENED = (
    "index.html",
    "01-tong-quan.html",
    "02-khen-thuong.html",
    "03-chi-tieu-phong-trao.html",
    "04-cham-diem-suy-ton.html",
    "05-xu-huong.html",
    "06-chat-luong-so-lieu.html",
)


@pytest.fixture(scope="module")
def seen(report, browser):
    """Pages of the report by name, each opened once on the screen of a hall."""
    context = browser.new_context(offline=True, viewport=SCREEN)
    opened = {path.name: context.new_page() for path in pages(report)}
    for name, page in opened.items():
        page.goto((report / name).as_uri())
    yield opened
    context.close()


@pytest.fixture(scope="module")
def found(seen):
    return {name: measured(page) for name, page in seen.items()}


@pytest.mark.parametrize("name", OPENED)
def test_the_first_screen_holds_sentences_and_figures_of_the_year(seen, name):
    page = seen[name]
    for part, least in ((".facts > li", 3), (".cards.key > li", 3)):
        boxes = [one.bounding_box() for one in page.locator(part).all()]
        assert least <= len(boxes) <= 4, part
        assert all(box["y"] + box["height"] <= SCREEN["height"] for box in boxes), part


@pytest.mark.parametrize("name", OPENED)
def test_the_sentences_come_before_the_cards_and_the_state_is_one_line(seen, name):
    page = seen[name]
    state, facts, cards = (
        page.locator(part).first.bounding_box() for part in (".state", ".facts", ".cards.key")
    )
    assert state["y"] < facts["y"] < cards["y"]
    assert state["height"] < 40


def test_the_front_page_shows_less_than_it_did(found):
    """300 words before: a banner, a list of the state of the data, seven cards."""
    assert found["index.html"]["words"] < 300
    assert found["index.html"]["tables"] == 0


def test_nothing_stands_twice_on_a_page(found):
    assert {name: one["duplicates"] for name, one in found.items() if one["duplicates"]} == {}


def test_the_keyboard_stops_only_where_something_scrolls_or_opens(found):
    """Before, each table and each cell of code was a stop: 19 to 45 a part."""
    assert all(found[name]["stops"] < 15 for name in OPENED)


def test_what_stands_twice_is_found():
    one = {"name": "a", "figures": ["x", "y"], "rows": []}
    more = {"name": "b", "figures": ["x", "y", "z"], "rows": []}
    same = {"name": "c", "figures": ["y", "x"], "rows": []}
    assert repeated([one, more]) == ["a = b"]
    assert repeated([one, same]) == ["c = a"]
    assert repeated([one, {**same, "figures": ["x", "w"]}]) == []


def test_published_claims_stand_once_and_the_front_page_leads_to_them(seen):
    tables = "table:has(caption:text-is('Số đã công bố và số tính từ báo cáo, năm 2023'))"
    assert seen["01-tong-quan.html"].locator(tables).count() == 1
    front = seen["index.html"]
    assert front.locator("table").count() == 0
    said = front.locator("p.claims").inner_text()
    assert "14 khớp, 0 không khớp, 6 không đủ căn cứ" in said
    assert front.locator("p.claims a").get_attribute("href") == "01-tong-quan.html"
