"""The report of a year: notebooks are run, pages written, charts counted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from thidua_analysis import pipeline
from thidua_analysis.claims import claims
from thidua_analysis.dataset import Dataset
from thidua_analysis.errors import NoDataError
from thidua_analysis.messages import text
from thidua_analysis.publish.notebook import Failure, Progress, run_notebooks, write_atomically
from thidua_analysis.publish.page import FULL, part_of, write_all
from thidua_analysis.publish.pdf import write_pdf
from thidua_analysis.publish.status import inputs_of, up_to
from thidua_analysis.store import disk
from thidua_analysis.store.disk import SETTINGS, content_hash

CACHE = ".cache"
#: Files of the package that decide how pages look and what they say.
_PROGRAM = {".py", ".toml", ".css", ".j2", ".json"}


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


def report_years(data: Path, year: int | None, every_year: bool) -> tuple[int, ...]:
    """Return the years to report on: the one asked for, all, or the newest.

    Raises
    ------
    NoDataError
        If there are no files that count for the year asked for.
    """
    manifest = disk.read(data).manifest
    years = sorted({f["year"] for f in manifest["files"] if f["used"] and f["year"]})
    if not years or (year is not None and year not in years):
        known = ", ".join(map(str, years)) or "–"
        raise NoDataError("no-year", year=year or "?", years=known)
    if year is not None:
        return (year,)
    return tuple(years) if every_year else (years[-1],)


def report(
    data: Path | str,
    year: int,
    out: Path | None = None,
    *,
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
        Folder of all reports; ``reports`` beside the data folder by default.
    progress
        Called with the number of notebooks done, their total and the name of the last one.

    Raises
    ------
    NoDataError
        If there are no data or no notebooks.
    UsageError
        If there are no data of the year.
    """
    data = Path(data).resolve()
    target, notebooks = out or data.parent / "reports", data.parent / "notebooks"
    return write_report(pipeline.load(data), data, year, target, notebooks, progress=progress)


def write_report(
    ds: Dataset,
    data: Path,
    year: int,
    out: Path,
    notebooks: Path,
    *,
    pdf: bool = True,
    progress: Progress | None = None,
) -> ReportResult:
    """Run all notebooks of a folder for a year and write its pages to ``out/<year>/``.

    The notebooks open the data folder themselves; the dataset is as loaded from it.
    """
    paths = sorted(p for p in notebooks.glob("*.ipynb") if not p.name.startswith("."))
    if not paths:
        raise NoDataError("report-no-notebooks", folder=str(notebooks))
    ds = up_to(ds, year)
    folder = out / str(year)
    folder.mkdir(parents=True, exist_ok=True)
    inputs = f"{inputs_of(ds)} {_program(data)}"
    ran = run_notebooks(
        paths, {"year": year}, data, cache=folder / CACHE, inputs=inputs, progress=progress
    )
    failures = {failure.notebook: failure for failure in ran.failed}
    parts = [part_of(p.name, ran.notebooks[p.name], failures.get(p.name)) for p in paths]
    words = {"version": version("thidua-analysis"), "inputs": inputs_of(ds)}
    pages = write_all(ds, year, parts, text("report-footer", bloc=ds.bloc.name, **words))
    for name, written in pages.items():
        write_atomically(folder / name, written)
    return ReportResult(
        folder,
        tuple(pages),
        tuple(ran.succeeded),
        tuple(ran.skipped),
        tuple(ran.failed),
        {name: page.count('<figure class="chart"') for name, page in pages.items()},
        _print(folder, pages[FULL]) if pdf else None,
    )


def _program(data: Path) -> str:
    """Return a hash of the package and of the analyst's own files that pages are made from.

    What was noted of files (which were published, accepted) stands on no page.
    """
    told = hashlib.sha256(version("thidua-analysis").encode())
    for name in (*SETTINGS, claims.FILE):
        told.update(f"{name} {content_hash(data / 'raw' / name)}".encode())
    for path in sorted(Path(str(files("thidua_analysis"))).rglob("*")):
        if path.suffix in _PROGRAM:
            told.update(path.name.encode() + path.read_bytes())
    return told.hexdigest()


def _print(folder: Path, page: str) -> Path | None:
    """Print the full page, unless its PDF is already that of the same page."""
    target, mark = folder / f"{Path(FULL).stem}.pdf", folder / CACHE / "pdf.sha256"
    told = hashlib.sha256(page.encode()).hexdigest()
    known = mark.read_text(encoding="utf-8") if mark.is_file() else ""
    if target.is_file() and known == told:
        return target
    if not write_pdf(folder / FULL, target):
        return None
    write_atomically(mark, told)
    return target
