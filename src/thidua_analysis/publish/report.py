"""The report of a year: notebooks are run, pages written and printed, charts counted."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Any

from thidua_analysis import pipeline
from thidua_analysis.charts.wording import whose
from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import NoDataError, UsageError
from thidua_analysis.form.bloc import load_bloc
from thidua_analysis.form.config import notebooks_of, reports_of
from thidua_analysis.messages import Lang, speaking, text
from thidua_analysis.publish.html import rendered
from thidua_analysis.publish.notebook import Failure, Progress, RunResult, run_notebooks
from thidua_analysis.publish.page import FRONT, FULL, Pages, Part, part_of
from thidua_analysis.publish.presentation import SCREENS, screens
from thidua_analysis.publish.sources import PAGE, PARTS
from thidua_analysis.publish.status import sent_of, status, until, up_to, used_in
from thidua_analysis.publish.workbook import ALL_TABLES, TABLES, write_tables
from thidua_analysis.store import made
from thidua_analysis.store.disk import (
    digest,
    dump,
    locked,
    now,
    remove_file,
    together,
    write_file,
    write_through,
)

#: Names of browsers that print from the command line.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
#: Where Windows and macOS put them, which is on no search path: folder, in a variable or not.
_PLACES = (
    ("PROGRAMFILES", "Google/Chrome/Application/chrome.exe"),
    ("PROGRAMFILES(X86)", "Google/Chrome/Application/chrome.exe"),
    ("LOCALAPPDATA", "Google/Chrome/Application/chrome.exe"),
    ("PROGRAMFILES(X86)", "Microsoft/Edge/Application/msedge.exe"),
    ("PROGRAMFILES", "Microsoft/Edge/Application/msedge.exe"),
    ("", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    ("", "/Applications/Chromium.app/Contents/MacOS/Chromium"),
    ("", "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"),
)
_SECONDS = 180
_FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)


def browser() -> str | None:
    """Return the path of an installed Chromium, Chrome or Edge; None where there is none."""
    found = [path for name in BROWSERS if (path := shutil.which(name))]
    for variable, place in _PLACES:
        folder = os.environ.get(variable, "") if variable else "/"
        if folder and (Path(folder) / place).is_file():
            found.append(str(Path(folder) / place))
    return found[0] if found else None


def write_pdf(page: Path, pdf: Path) -> bool:
    """Print a page and return whether that could be done; the old print stays until then.

    Where the page cannot be printed the old print is removed: its figures may be others.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        printed = Path(folder) / "page.pdf"
        if not _printed(page, printed, Path(folder) / "profile"):
            remove_file(pdf)
            return False
        write_file(pdf, printed.read_bytes())
    return True


def _printed(page: Path, target: Path, profile: Path) -> bool:
    program = browser()
    if program is None:
        return False
    command = [program, *_FLAGS, f"--user-data-dir={profile}", f"--print-to-pdf={target}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--no-sandbox")  # as root Chromium refuses to run in its sandbox
    command.append(page.resolve().as_uri())
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return False
    return target.is_file()


CACHE = ".cache"
#: What the page of all years leads to in each.
_OF_A_YEAR = (
    (FULL, "report-full"),
    (SCREENS, "page-screens"),
    (f"{Path(FULL).stem}.pdf", "page-pdf"),
    (f"{TABLES}/{ALL_TABLES}.xlsx", "page-xlsx"),
    (PAGE, "page-sources"),
)
_YEARS_NAV = re.compile(r'(<nav class="years"[^>]*>).*?(</nav>)', re.S)
#: A picture of a page; a place for the number of a leaf and the anchor that it is of.
_PICTURE = re.compile(r'src="data:image/svg[^"]*" alt="[^"]*" width="(\d+)" height="(\d+)"')
_OF_PHONES = re.compile(r"<source [^>]*>")
_LEAF = re.compile(r'(<span class="leaf" data-of="([^"]*)">)</span>')


@dataclass(frozen=True)
class ReportResult:
    """What was written, the front page first, and which notebooks ran, had not changed, failed."""

    folder: Path
    pages: tuple[str, ...]
    succeeded: tuple[str, ...]
    skipped: tuple[str, ...]
    failed: tuple[Failure, ...]
    #: number of charts by page
    charts: dict[str, int] = field(default_factory=dict)
    #: the full report as PDF; None where it was not asked for or no browser can print it
    pdf: Path | None = None


def report(
    data: Path | str,
    year: int,
    out: Path | None = None,
    *,
    code: bool = False,
    lang: Lang = "vi",
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> ReportResult:
    """Build what has changed, run the notebooks for a year and write its pages.

    Parameters
    ----------
    data
        The data folder; the notebooks lie beside it in ``notebooks``.
    year
        The year of the report.
    out
        Folder of all reports; ``reports`` beside the data folder by default, and for English ones
        ``en`` in it.
    code
        Whether pages show the code of the notebooks and the hashes of the files.
    lang
        Language of the report, ``vi`` or ``en``. What members typed stays as it is.
    parameters
        Values for parameters of the notebooks, such as ``{"member": "ldld"}``: a report by itself,
        in ``member=ldld`` of that folder, of the parts whose notebooks can be of one member.
    progress
        Called with the number of notebooks done, their total and the name of the last one.

    Raises
    ------
    NoDataError
        If there are no data or no notebooks.
    UsageError
        If there are no data of the year, or another report is being written in the folder; if no
        notebook has a parameter, or cannot take a value.
    """
    if not isinstance(data, str | Path):
        raise UsageError("needs-folder", kind=type(data).__name__)
    data = Path(data).resolve()
    values = made.chosen(data, parameters or {})
    target, notebooks = made.home_of(out or reports_of(data, lang), values), notebooks_of(data)
    with speaking(lang):
        ds = pipeline.load(data)
    told = made.sources(data, target, year, code=code, lang=lang, parameters=values)
    if not made.changes(target / str(year), told):
        return _kept(target / str(year))
    with locked(target), speaking(lang):
        done = write_report(
            ds, data, year, target, notebooks, code=code, parameters=values, progress=progress
        )
        if done.pdf and not done.failed:
            wrote = [done.folder / name for name in done.pages] + [target / FRONT, done.pdf]
            wrote += sorted((done.folder / TABLES).glob("*"))
            made.write(done.folder, told, wrote, _summary(done, done.pdf))
    return done


def _summary(done: ReportResult, pdf: Path) -> dict[str, Any]:
    notebooks = [*done.succeeded, *done.skipped]
    told = {"pages": done.pages, "notebooks": notebooks, "charts": done.charts}
    return {**told, "pdf": pdf.name}


def _kept(folder: Path) -> ReportResult:
    told = made.read(folder)["told"]
    pages, notebooks = tuple(told["pages"]), tuple(told["notebooks"])
    return ReportResult(folder, pages, (), notebooks, (), told["charts"], folder / told["pdf"])


def write_report(
    ds: Dataset,
    data: Path,
    year: int,
    out: Path,
    notebooks: Path,
    *,
    pdf: bool = True,
    code: bool = False,
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> ReportResult:
    """Run all notebooks of a folder for a year and write its pages to ``out/<year>/``.

    The notebooks open the data folder themselves; the dataset is as loaded from it.
    """
    folder, values = out / str(year), parameters or {}
    every = ds.filter(member=values.get(made.MEMBER))
    ds = up_to(every, year)
    ran, parts = run_parts(
        ds, data, year, notebooks, folder, folder / CACHE, parameters=values, progress=progress
    )
    book = Pages.of(ds, year, parts, text("report-footer", bloc=ds.bloc.name), code=code)
    with together(out):
        print_of = _print(folder, book.paper(_about(ds, year))) if pdf else None
        title = text("report-title", year=year)
        about = [whose(ds), *_about(ds, year)]
        tables = write_tables(folder, title, parts, book.sources.rows, about)
        shared = [{"href": SCREENS, "title": text("page-screens")}]
        shared += [{"href": print_of.name, "title": text("page-pdf")}] if print_of else []
        years = made.years_in(out, year)
        around = {}
        own = {part.href for part in parts}
        for name in (FRONT, PAGE, *book.sources.parts, *own):
            files = [*shared, *tables.get(name if name in own else "", [])]
            around[name] = {"years": _years_nav(out, years, year, name), "downloads": files}
        around[FRONT]["blocs"] = [
            {"href": f"../{home.name}/{year}/{FRONT}", "title": load_bloc(home).label}
            for home in made.blocs_with(out, data, year)
        ]
        pages = replace(book, around=around).all(ds)
        state = status(ds, year).html
        pages[SCREENS] = screens(title, whose(ds), book.opening[0], state, parts)
        for name, written in pages.items():
            write_file(folder / name, written)
        for old in folder.glob(PARTS):
            if old.name not in pages:
                remove_file(old)
        _link_years(every, out, years, year)
    return ReportResult(
        folder,
        tuple(pages),
        tuple(ran.succeeded),
        tuple(ran.skipped),
        tuple(ran.failed),
        {name: page.count('<figure class="chart"') for name, page in pages.items()},
        print_of,
    )


def run_parts(
    ds: Dataset,
    data: Path,
    year: int,
    notebooks: Path,
    folder: Path,
    cache: Path,
    *,
    pictures: bool = False,
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> tuple[RunResult, list[Part]]:
    """Run all notebooks of a folder for a year; return what became of them, and the parts.

    Of a report of one member those that show the whole bloc, whatever the member, are no part.
    Where there are none, or nothing can be written to ``folder``, that is told before they run.
    """
    paths = sorted(p for p in notebooks.glob("*.ipynb") if not p.name.startswith("."))
    if not paths:
        raise NoDataError("report-no-notebooks", folder=str(notebooks))
    values = {"year": year, **(parameters or {})}
    if made.MEMBER in values:
        paths = [path for path in paths if made.MEMBER in made.parameters_in(path)]
    folder.mkdir(parents=True, exist_ok=True)
    inputs = digest(dump({"program": made.program(), **made.inputs(data)}))
    ran = run_notebooks(
        paths, values, data, cache=cache, inputs=inputs, pictures=pictures, progress=progress
    )
    failures = {failure.notebook: failure for failure in ran.failed}
    return ran, [part_of(p.name, ran.notebooks[p.name], failures.get(p.name)) for p in paths]


def _print(folder: Path, page: str) -> Path | None:
    """Print the report on paper, unless its PDF is as it was printed of the same page."""
    target, mark = folder / f"{Path(FULL).stem}.pdf", folder / CACHE / "pdf.sha256"
    told = digest(page.encode())
    known = mark.read_text(encoding="utf-8") if mark.is_file() else ""
    if known == f"{told} {made.content_hash(target)}":
        return target
    if not _printed_with_numbers(page, target):
        return None
    write_file(mark, f"{told} {made.content_hash(now(target))}")
    return target


def _printed_with_numbers(page: str, target: Path) -> bool:
    """Print a page whose contents say on which leaf a heading stands.

    Browsers cannot count that themselves: a print without pictures tells.
    """
    page = _OF_PHONES.sub("", page)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        source, draft = Path(name) / "page.html", Path(name) / "draft.pdf"
        write_through(source, _PICTURE.sub(_blank, page).encode())
        if not _printed(source, draft, Path(name) / "profile"):
            remove_file(target)
            return False
        leaves = leaves_of(draft.read_bytes())
        numbered = _LEAF.sub(lambda m: f"{m[1]}{leaves.get(m[2], '')}</span>", page)
        write_through(source, numbered.encode())
        return write_pdf(source, target)


def _blank(match: re.Match[str]) -> str:
    size = f'width="{match[1]}" height="{match[2]}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {match[1]} {match[2]}"/>'
    coded = base64.b64encode(svg.encode()).decode()
    return f'src="data:image/svg+xml;base64,{coded}" alt="" {size}'


def leaves_of(pdf: bytes) -> dict[str, int]:
    """Return on which page of a PDF that Chromium printed each anchor stands, counted from 1."""
    words = pdf.decode("latin-1")
    kids = [found.split("0 R") for found in re.findall(r"/Kids \[([^\]]*)\]", words)]
    order = [number.strip() for found in kids for number in found if number.strip()]
    leaves = [n for n in order if re.search(rf"(?m)^{n} 0 obj\s*<</Type /Page\b(?!s)", words)]
    named = re.findall(r"/([\w-]+) \[(\d+) 0 R /XYZ", words)
    return {name: leaves.index(leaf) + 1 for name, leaf in named if leaf in leaves}


def _years_nav(out: Path, years: Iterable[int], own: int, href: str) -> str:
    """Return links to the same page of other years, or to their front page."""
    items = [f'<li><a href="../{FRONT}">{escape(text("page-all-years"))}</a></li>']
    for year in years:
        known = now(out / str(year) / href).is_file()
        mark = ' aria-current="true"' if year == own else ""
        link = href if year == own else f"../{year}/{href if known else FRONT}"
        items.append(f'<li><a href="{link}"{mark}>{year}</a></li>')
    return f"<ul>{''.join(items)}</ul>"


def _link_years(ds: Dataset, out: Path, years: Sequence[int], own: int) -> None:
    """Write the page of all years, and tell the pages of the other years which years there are."""
    reports = [
        {
            "href": f"{year}/{FRONT}",
            "title": text("years-year", year=year),
            "lines": _about(ds, year),
            "files": [
                {"href": f"{year}/{name}", "title": text(title)}
                for name, title in _OF_A_YEAR
                if now(out / str(year) / name).is_file()
            ],
        }
        for year in years
    ]
    told = {"title": text("years-title"), "lead": whose(ds), "reports": reports}
    write_file(out / FRONT, rendered("years.html.j2", told))
    for year in (one for one in years if one != own):
        pages = sorted((out / str(year)).glob("*.html"))
        for path in pages:
            page = path.read_text(encoding="utf-8")
            nav = _years_nav(out, years, year, path.name)
            write_file(path, _YEARS_NAV.sub(rf"\g<1>{nav}\g<2>", page, count=1))
        made.written_anew(out / str(year), [*pages, out / FRONT], years=years)


def _about(ds: Dataset, year: int) -> list[str]:
    """Return who has sent for a year, until which day the data are, and whether they are real."""
    used = used_in(ds, year)
    told = [text("years-sent", **sent_of(ds, year, used))] if used else []
    told += filter(None, [until(used)])
    if any(row["illustrative"] for row in used):
        told.append(text("chart-illustrative"))
    return told
