"""A written report and a browser, made once for all tests of this folder."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from e2e_report import ROOT, once, shared, write_report

PROGRAM = next(
    (p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None
)
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--no-first-run", "--disable-default-apps"),
]


@pytest.fixture(scope="session")
def report(tmp_path_factory, worker_id):
    """Folder of the pages of 2023, made from the sample submissions by the real notebooks."""

    def make(folder):
        shutil.copytree(ROOT / "tests" / "sample" / "data" / "raw", folder / "data" / "raw")
        result = write_report(folder / "data", folder / "reports", 2023)
        assert result.failed == ()

    return once(shared(tmp_path_factory, worker_id) / "report", make) / "reports" / "2023"


@pytest.fixture(scope="session")
def worker_id(request):
    return getattr(request.config, "workerinput", {}).get("workerid", "master")


@pytest.fixture(scope="session")
def browser():
    """The installed Chromium; nothing is downloaded."""
    if PROGRAM is None:
        pytest.skip("no Chromium is installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=PROGRAM, args=FLAGS)
        yield opened
        opened.close()


class Visit:
    """An open page, what it asked for and what it complained about."""

    def __init__(self, context, path):
        self.requests, self.complaints = [], []
        self.page = context.new_page()
        self.page.on("request", self._ask)
        self.page.on("console", lambda m: self.complaints.append(m.text))
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.goto(path.as_uri())

    def _ask(self, request):
        if not request.url.startswith("data:"):
            self.requests.append(request.url)


@pytest.fixture(scope="session")
def look(browser):
    """Open pages that a test only reads; the next test that reads the same one gets it again."""
    opened = {}

    def open_page(path, **options):
        key = (path, *sorted(options.items()))
        if key not in opened:
            opened[key] = Visit(browser.new_context(offline=True, **options), path)
        return opened[key]

    return open_page


@pytest.fixture
def visit(browser):
    """Open pages that a test clicks in; every test has its own context."""
    contexts = []

    def open_page(path, **options):
        contexts.append(browser.new_context(offline=True, **options))
        return Visit(contexts[-1], path)

    yield open_page
    for context in contexts:
        context.close()
