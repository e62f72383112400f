"""Photographs the report of the sample data for the README: ``python docs/make_pictures.py``."""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import thidua_analysis as td
from thidua_analysis.publish.report import browser

ROOT = Path(__file__).parents[1]
#: Picture → the page that it shows, and what of it; nothing: what a screen shows of it first.
PICTURES = {
    "report.png": ("index.html", ""),
    "chart.png": ("04-cham-diem-suy-ton.html", "figure.chart"),
}


def main() -> None:
    """Make the reports of the sample in a folder that goes again, and photograph the last one."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        home = Path(name)
        shutil.copytree(ROOT / "tests" / "sample" / "data" / "raw", home / "data" / "raw")
        shutil.copytree(ROOT / "notebooks", home / "notebooks")
        done = [td.report(home / "data", year) for year in td.load(home / "data").years]
        opened = playwright.chromium.launch(executable_path=browser())
        screen = opened.new_page(viewport={"width": 1280, "height": 860})
        for picture, (page, part) in PICTURES.items():
            screen.goto((done[-1].folder / page).as_uri())
            shown = screen.locator(part).first if part else screen
            shown.screenshot(path=ROOT / "docs" / picture)
        opened.close()


if __name__ == "__main__":
    main()
