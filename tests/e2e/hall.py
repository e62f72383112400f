"""What a hall sees of a report: words on the first screen, charts, tables, what stands twice.

``python tests/e2e/hall.py REPORT…`` prints the table of one or more report folders.
"""

import shutil
import sys
from pathlib import Path

SCREEN = {"width": 1920, "height": 1080}
#: Pages that are no pages to read: the screens of the hall are counted by their own test.
NOT_READ = {"trinh-chieu.html"}
MEASURES = ("words", "charts", "tables", "duplicates", "stops", "links")

_LOOK = """() => {
  const inside = box => box.width && box.height && box.top < innerHeight && box.bottom > 0
    && box.left < innerWidth && box.right > 0;
  const seen = element => element.checkVisibility({checkVisibilityCSS: true});
  let words = 0;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const range = document.createRange();
    for (const word of walk.currentNode.data.matchAll(/\\S+/g)) {
      range.setStart(walk.currentNode, word.index);
      range.setEnd(walk.currentNode, word.index + word[0].length);
      if (inside(range.getBoundingClientRect()) && seen(walk.currentNode.parentElement)) words += 1;
    }
  }
  const figures = block => [...block.querySelectorAll("a.cells")]
    .map(a => (a.getAttribute("href").match(/so-[0-9a-f]{12}/) || [""])[0]).filter(Boolean);
  const rows = table => [...table.querySelectorAll("tbody tr")].map(row => row.textContent.trim());
  const charts = [...document.querySelectorAll("figure.chart")];
  const tables = [...document.querySelectorAll("table")].filter(t => !t.closest("figure"));
  const blocks = [...charts, ...tables].map(block => {
    const told = block.querySelector(".message, caption");
    const table = block.matches("table") ? block : block.querySelector("table");
    // a table that gives more than figures, such as ranks or what was published, is no repetition
    const more = block.matches("table") && [...block.querySelectorAll("td")].some(cell =>
      /\\d/.test(cell.textContent) && !/^[▲▼]/.test(cell.textContent) && !cell.querySelector("a"));
    return {name: told ? told.textContent : "", figures: more ? [] : figures(table || block),
            rows: table ? rows(table) : []};
  });
  const reached = "a[href], summary, button, input, select, [tabindex='0']";
  const stops = [...document.querySelectorAll(reached)].filter(seen);
  const links = stops.filter(element => element.matches("a"));
  return {words, charts: charts.length, tables: tables.length, blocks,
          stops: stops.length - links.length, links: links.length};
}"""


def measured(page):
    """Return the measures of an open page; of what stands twice, the names of both."""
    found = page.evaluate(_LOOK)
    return {**found, "duplicates": repeated(found.pop("blocks"))}


def repeated(blocks):
    """Return the charts and tables whose every figure, or row, another one has as well."""
    twice = []
    for at, block in enumerate(blocks):
        for other_at, other in enumerate(blocks):
            if at == other_at:
                continue
            for kind in ("figures", "rows"):
                own, theirs = set(block[kind]), set(other[kind])
                same = own == theirs and at > other_at
                if len(own) > 1 and (own < theirs or same):
                    twice.append(f"{block['name']} = {other['name']}")
                    break
    return list(dict.fromkeys(twice))


def pages(folder):
    return [path for path in sorted(Path(folder).glob("*.html")) if path.name not in NOT_READ]


def table(folder, browser):
    """Return one line a page: what `measured` says, duplicates as a number."""
    context = browser.new_context(viewport=SCREEN, offline=True)
    lines = {}
    for path in pages(folder):
        page = context.new_page()
        page.goto(path.as_uri())
        found = measured(page)
        lines[path.name] = {**found, "duplicates": len(found["duplicates"])}
        for one in found["duplicates"]:
            print(f"  {path.name}: {' '.join(one.split())}", file=sys.stderr)
        page.close()
    context.close()
    return lines


def main(folders):
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(path for name in names if (path := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for folder in folders:
            print(f"{'':30}" + "".join(f"{name:>12}" for name in MEASURES))
            for name, found in table(folder, browser).items():
                print(f"{name:30}" + "".join(f"{found[m]:>12}" for m in MEASURES))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
