"""The report of a year: notebooks are run, pages written, charts counted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thidua_analysis.claims import claims
from thidua_analysis.errors import NoDataError
from thidua_analysis.messages import text
from thidua_analysis.publish.notebook import (
    Failure,
    Progress,
    RunResult,
    run_notebooks,
    write_atomically,
)
from thidua_analysis.store.disk import SETTINGS, content_hash

if TYPE_CHECKING:
    from thidua_analysis.dataset import Dataset
    from thidua_analysis.publish.page import Part

CACHE = ".cache"


@dataclass(frozen=True)
class ReportResult:
    """What was written.

    Parameters
    ----------
    folder
        Folder of the pages.
    pages
        Names of the pages, the front page first.
    succeeded, skipped
        Notebooks that were run, and those that had not changed.
    failed
        Notebooks that stopped at an error.
    charts
        Number of charts by page.
    pdf
        The full report as PDF; None where it was not asked for or no browser can print it.
    """

    folder: Path
    pages: tuple[str, ...]
    succeeded: tuple[str, ...]
    skipped: tuple[str, ...]
    failed: tuple[Failure, ...]
    charts: dict[str, int] = field(default_factory=dict)
    pdf: Path | None = None


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
    """Run the notebooks for a year and write its pages to ``out/<year>/``.

    Parameters
    ----------
    ds
        The dataset, as loaded from ``data``.
    data
        The data folder, which the notebooks open themselves.
    year
        The year of the report.
    out
        Folder of all reports.
    notebooks
        Folder of the notebooks; all ``.ipynb`` files in it are run, in the order of their names.
    pdf
        Whether to print the full report to PDF where a browser is installed.
    progress
        Called with the number of notebooks done, their total and the name of the last one.

    Raises
    ------
    NoDataError
        If there is no notebook.
    UsageError
        If there are no data of the year.
    """
    from thidua_analysis.publish.senders import inputs_of, up_to

    paths = sorted(p for p in notebooks.glob("*.ipynb") if not p.name.startswith("."))
    if not paths:
        raise NoDataError("report-no-notebooks", folder=str(notebooks))
    ds = up_to(ds, year)
    folder = out / str(year)
    folder.mkdir(parents=True, exist_ok=True)
    ran = run_notebooks(
        paths,
        {"year": year},
        data,
        cache=folder / CACHE,
        inputs=f"{inputs_of(ds)} {settings(data)} {program()}",
        progress=progress,
    )
    words = {"version": version("thidua-analysis"), "inputs": inputs_of(ds)}
    footer = text("report-footer", bloc=ds.bloc.name, **words)
    pages = _write(ds, year, folder, _parts(paths, ran), footer)
    charts = {name: page.count('<figure class="chart"') for name, page in pages.items()}
    return ReportResult(
        folder,
        tuple(pages),
        tuple(ran.succeeded),
        tuple(ran.skipped),
        tuple(ran.failed),
        charts,
        _print(folder, pages) if pdf else None,
    )


def _print(folder: Path, pages: dict[str, str]) -> Path | None:
    """Print the full page, unless its PDF is already that of the same page."""
    from thidua_analysis.publish.page import FULL
    from thidua_analysis.publish.pdf import write_pdf

    target, mark = folder / f"{Path(FULL).stem}.pdf", folder / CACHE / "pdf.sha256"
    told = hashlib.sha256(pages[FULL].encode()).hexdigest()
    known = mark.read_text(encoding="utf-8") if mark.is_file() else ""
    if target.is_file() and known == told:
        return target
    if not write_pdf(folder / FULL, target):
        return None
    write_atomically(mark, told)
    return target


def _parts(paths: list[Path], ran: RunResult) -> list[Part]:
    from thidua_analysis.publish.page import part_of

    failures = {failure.notebook: failure for failure in ran.failed}
    return [part_of(p.name, ran.notebooks[p.name], failures.get(p.name)) for p in paths]


def _write(ds: Dataset, year: int, folder: Path, parts: list[Part], footer: str) -> dict[str, str]:
    from thidua_analysis.publish.page import write_all

    pages = write_all(ds, year, parts, footer)
    for name, written in pages.items():
        write_atomically(folder / name, written)
    return pages


def settings(data: Path) -> str:
    """Return a hash of the analyst's own files that pages are made from.

    What was noted of files (which were published, accepted) stands on no page.
    """
    told: Any = hashlib.sha256()
    for name in (*SETTINGS, claims.FILE):
        told.update(f"{name} {content_hash(data / 'raw' / name)}".encode())
    return str(told.hexdigest())


def program() -> str:
    """Return a hash of the package, so that pages follow its changes."""
    told: Any = hashlib.sha256(version("thidua-analysis").encode())
    for path in _sources(Path(str(files("thidua_analysis")))):
        told.update(path.name.encode() + path.read_bytes())
    return str(told.hexdigest())


def _sources(folder: Path) -> Iterator[Path]:
    endings = {".py", ".toml", ".css", ".j2", ".json"}
    return (path for path in sorted(folder.rglob("*")) if path.suffix in endings)
