"""What tables and reports are made from: whether it still holds, and if not, what has changed."""

from __future__ import annotations

import ast
import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from thidua_analysis.findings import NoDataError, UsageError
from thidua_analysis.form.bloc import Bloc, load_bloc
from thidua_analysis.form.blocs import load_blocs
from thidua_analysis.form.blocs import together as of_all
from thidua_analysis.form.config import FORMS, blocs_in, notebooks_of, processed_of, raw_of
from thidua_analysis.form.forms import brought_by
from thidua_analysis.messages import Lang, text
from thidua_analysis.store import revisions, tidy
from thidua_analysis.store.disk import (
    MANIFEST,
    digest,
    dump,
    now,
    recover,
    together,
    write_file,
)
from thidua_analysis.store.inputs import SETTINGS, Withdrawn
from thidua_analysis.store.revisions import Placed
from thidua_analysis.store.tidy import Tables, finding_record
from thidua_analysis.submission.rows import Submission

#: The note, in the folder of the report of a year.
NOTE = Path(".cache") / "made.json"
#: The parameter of notebooks that narrows a report down to one member.
MEMBER = "member"
#: Published figures; they stand in the report, not in the tables.
PUBLISHED = "published.toml"
#: Files of the package that decide how pages look and what they say.
_PROGRAM = {".py", ".toml", ".css", ".j2", ".js", ".json", ".ttf", ".woff2"}
#: Libraries that draw and compute.
_LIBRARIES = ("thidua-analysis", "matplotlib", "pandas", "jinja2", "mistune", "nh3")
#: So many changes are named one by one.
_MOST = 5
#: Rooms of this package whose code decides what the tables hold.
_ROOMS = ("excel", "vietnamese", "submission", "form", "store")
_MODULES = ("findings", "dataset")
_FORMAT = 1


def assemble(
    submissions: Iterable[Submission],
    bloc: Bloc,
    received: Mapping[str, dt.date] | None = None,
    withdrawn: Mapping[str, Withdrawn] | None = None,
) -> tuple[Tables, dict[str, Any]]:
    """Return the tables and the manifest of submissions, in whatever order they come."""
    placed = revisions.place(submissions, received, withdrawn)
    placed = revisions.compare_years(placed, bloc)
    missing = revisions.missing_members(placed, bloc)
    manifest = {
        "format": _FORMAT,
        "bloc": bloc.id,
        "years": sorted({p.submission.year for p in placed if p.used and p.submission.year}),
        "files": [entry(p) for p in placed],
        "findings": [finding_record(found) for found in missing],
    }
    return tidy.tables(placed, missing, received), manifest


def content_hash(path: Path) -> str:
    """Return the sha256 of a file, or what keeps it from being opened."""
    try:
        return digest(path.read_bytes())
    except OSError as error:
        return error.strerror or type(error).__name__


def entry(placed: Placed) -> dict[str, Any]:
    """Return what the manifest says of a file."""
    submission = placed.submission
    return {
        "file": submission.path,
        "sha256": submission.sha256,
        "form": submission.form,
        "member": submission.member,
        "year": submission.year,
        "revision": submission.revision,
        "status": submission.status,
        "used": placed.used,
        "superseded": placed.superseded,
        "withdrawn": placed.withdrawn and to_builtins(placed.withdrawn),
        "period": submission.period,
        "places": tidy.places(submission),
        "counts": {t: len(rows) for t in tidy.table_names() if (rows := submission.rows.get(t))},
        "findings": [finding_record(found) for found in submission.findings],
    }


def fingerprint(data: Path) -> str:
    """Return one hash of all but the files that decides what the tables hold."""
    settings = {name: content_hash(raw_of(data) / name) for name in SETTINGS}
    own = {name: path for name, path in _brought(data).items() if path.parent.name == FORMS}
    settings |= {name: content_hash(path) for name, path in own.items()}
    return digest(dump({"program": reading(), **settings}))


def _brought(data: Path) -> dict[str, Path]:
    """Return by name, in data/raw, the files by which a data folder adds to the program."""
    paths = map(Path, brought_by(data))
    return {f"{FORMS}/{p.name}" if p.parent.name == FORMS else p.name: p for p in paths}


def program_files() -> dict[str, Path]:
    """Return the files of this package on which the tables depend, by their name in it."""
    package = Path(str(files("thidua_analysis")))
    found = [package / f"{name}.py" for name in _MODULES]
    for room in _ROOMS:
        found += (p for p in (package / room).rglob("*") if p.suffix in (".py", ".toml", ".json"))
    return {file.relative_to(package).as_posix(): file for file in sorted(found)}


@cache
def reading() -> str:
    """Return one hash of the version, and of the code and forms of the program."""
    told = hashlib.sha256(version("thidua-analysis").encode())
    for name, file in program_files().items():
        told.update(name.encode() + file.read_bytes())
    return told.hexdigest()


def program() -> str:
    """Return a hash of the package and of the libraries that decide what a page looks like."""
    told = hashlib.sha256(" ".join(map(version, _LIBRARIES)).encode())
    for path in sorted(Path(str(files("thidua_analysis"))).rglob("*")):
        if path.suffix in _PROGRAM:
            told.update(path.name.encode() + path.read_bytes())
    return told.hexdigest()


def years_in(out: Path, year: int) -> list[int]:
    """Return the years that have a report, this one as well, the newest first."""
    found = {int(page.parent.name) for page in out.glob("[0-9][0-9][0-9][0-9]/index.html")}
    return sorted({year, *found}, reverse=True)


def blocs_with(out: Path, data: Path, year: int) -> list[Path]:
    """Return the folders of several blocs that have a report of a year of their own."""
    return [h for h in blocs_in(data) if (out / h.name / str(year) / "index.html").is_file()]


def parameters_in(notebook: Path) -> dict[str, Any]:
    """Return the parameters of a notebook, but its year, with their usual values.

    They are what the cell tagged ``parameters`` assigns.
    """
    found: dict[str, Any] = {}
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if "parameters" not in cell.get("metadata", {}).get("tags", []):
            continue
        with suppress(SyntaxError):  # its run says so
            for line in ast.parse("".join(cell["source"])).body:
                if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                    with suppress(ValueError):
                        found[line.targets[0].id] = ast.literal_eval(line.value)
    return {name: value for name, value in found.items() if name != "year"}


def chosen(data: Path, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return values for parameters of the notebooks of a data folder, as the notebooks take them.

    Parameters
    ----------
    data
        The data folder, beside which the notebooks lie.
    told
        Name → value; a text is read as what the usual value is: a number, yes or no, a list. The
        member may have any of its names.

    Raises
    ------
    UsageError
        If no notebook has a parameter, or a value is of another kind; if there is no such member.
    """
    known: dict[str, Any] = {}
    for path in sorted(notebooks_of(data).glob("*.ipynb")) if told else ():
        known |= parameters_in(path)
    if unknown := sorted(told.keys() - known.keys()):
        raise UsageError("parameter-unknown", name=unknown[0], accepted=", ".join(known) or "–")
    found = {name: _as(known[name], name, told[name]) for name in sorted(told)}
    if MEMBER in found:
        homes = blocs_in(data)
        bloc = of_all(load_blocs(homes).values()) if homes else load_bloc(data)
        found[MEMBER] = bloc.named(str(found[MEMBER]))
    return found


def _as(usual: Any, name: str, value: Any) -> Any:
    """Return a value as what the usual one is; None may be anything."""
    given = value
    if isinstance(value, str) and not isinstance(usual, str | None):
        with suppress(ValueError, SyntaxError):
            given = ast.literal_eval(value.capitalize() if isinstance(usual, bool) else value)
    given = float(given) if type(usual) is float and type(given) is int else given
    if usual is not None and type(given) is not type(usual):
        raise UsageError("parameter-kind", name=name, value=value, usual=usual)
    return given


def home_of(out: Path, parameters: Mapping[str, Any]) -> Path:
    """Return the folder of the reports with some parameters, below that of all reports."""
    told = (f"{name}={value}" for name, value in parameters.items())
    safe = (re.sub(r"[^\w=. -]", lambda sign: f"%{ord(sign[0]):02X}", one) for one in told)
    return out / ",".join(safe) if parameters else out


def sources(
    data: Path,
    out: Path,
    year: int,
    *,
    code: bool,
    lang: Lang = "vi",
    parameters: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Return by name what decides the pages of a report, the data being built.

    Parameters
    ----------
    data, out
        The data folder, beside which the notebooks lie, and that of all reports.
    year
        The year of the report.
    code
        Whether pages show the code of the notebooks.
    lang
        Language of the report.
    parameters
        Of the notebooks, as `chosen` gives them.

    Returns
    -------
    dict
        ``file 2023/ldld.xlsx``, ``setting bloc.toml``, ``notebook 01_tong_quan.ipynb``,
        ``program`` … → hash or value.
    """
    names = {f"notebook {path.name}": path for path in sorted(notebooks_of(data).glob("*.ipynb"))}
    told = inputs(data) | {name: content_hash(path) for name, path in names.items()}
    said = {"year": year, "code": code, "years": years_in(out, year), "lang": lang}
    said |= {f"parameter {name}": repr(value) for name, value in (parameters or {}).items()}
    blocs = [place.name for place in blocs_with(out, data, year)]
    said |= {"blocs": blocs} if blocs_in(data) else {}
    return {**told, "program": program(), **{name: str(value) for name, value in said.items()}}


def inputs(data: Path) -> dict[str, str]:
    """Return by name what notebooks may read beside themselves, the data being built.

    What was noted of files (which were published, accepted) stands on no page.
    """
    told: dict[str, str] = {}
    names: dict[str, Path] = {}
    homes = blocs_in(data)
    for home in homes or (data,):
        own = f"{home.name}/" if homes else ""
        manifest = _manifest(home)
        told |= {f"file {own}{entry['file']}": str(entry["sha256"]) for entry in manifest["files"]}
        # what is known of files beside them: when each came, which are out
        told[f"data {own}".strip()] = digest(json.dumps(manifest["tables"]).encode())
        names |= {f"setting {own}{name}": raw_of(home) / name for name in SETTINGS}
    names[f"setting {PUBLISHED}"] = raw_of(data) / PUBLISHED
    names |= {f"setting {name}": path for name, path in _brought(data).items()}
    beside = (p for p in sorted(notebooks_of(data).glob("*")) if p.is_file())
    names |= {f"notebook {path.name}": path for path in beside if path.suffix != ".ipynb"}
    return told | {name: content_hash(path) for name, path in names.items()}


def changes(report: Path, told: Mapping[str, str]) -> list[str]:
    """Return in words what has changed since a report was made; nothing where it still holds."""
    for home in (report.parent, (report / NOTE).parent):
        recover(home)
    kept = read(report)
    if not kept:
        return [text("why-first")]
    before = kept["from"]
    names = [name for name in sorted({*before, *told}) if before.get(name) != told.get(name)]
    reasons = [_reason(name, name in before, name in told) for name in names]
    lost = [name for name, sha in kept["wrote"].items() if content_hash(report / name) != sha]
    reasons += [text("why-output", name=name) for name in lost]
    reasons = list(dict.fromkeys(reasons))
    if len(reasons) > _MOST:
        reasons = [*reasons[:_MOST], text("why-more", n=len(reasons) - _MOST)]
    return reasons


def _reason(name: str, was: bool, stands: bool) -> str:
    kind, _, what = name.partition(" ")
    if kind in ("file", "setting", "notebook", "parameter"):
        how = "changed" if was and stands else "new" if stands else "gone"
        return text(f"why-{how}", what=text(f"why-{kind}", name=what))
    return text(f"why-{kind}")


def years_built(home: Path) -> frozenset[int]:
    """Return the years of which one of several blocs has files that count."""
    return frozenset(_manifest(home)["years"])


def _manifest(home: Path) -> dict[str, Any]:
    """Return the manifest of a bloc; one that has sent nothing has no files."""
    try:
        found: dict[str, Any] = json.loads((processed_of(home) / MANIFEST).read_bytes())
    except FileNotFoundError:
        return {"files": [], "tables": {}, "years": []}
    return found


def read(report: Path) -> dict[str, Any]:
    """Return the note of a report: ``from``, ``wrote``, ``told``; empty where there is none."""
    try:
        kept = json.loads((report / NOTE).read_bytes())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) and {"from", "wrote", "told"} <= set(kept) else {}


def write(
    report: Path, told: Mapping[str, str], wrote: Iterable[Path], summary: Mapping[str, Any]
) -> None:
    """Note what a report was made from, what was written, and what is told of it."""
    hashes = {_within(report, path): content_hash(path) for path in wrote}
    note = {"from": dict(told), "wrote": hashes, "told": dict(summary)}
    with together(report.parent):
        write_file(report / NOTE, dump(note))


def _within(report: Path, path: Path) -> str:
    return Path(os.path.relpath(path, report)).as_posix()


def written_anew(report: Path, wrote: Iterable[Path], **said: object) -> None:
    """Note that pages of a report were written again for another reason, such as other years."""
    kept = read(report)
    if not kept:
        return
    told = {**kept["from"], **{name: str(value) for name, value in said.items()}}
    kept["wrote"].update((_within(report, path), content_hash(now(path))) for path in wrote)
    with together(report.parent):
        write_file(report / NOTE, dump({**kept, "from": told}))


def years_of(
    manifest: Mapping[str, Any], year: int | None, every_year: bool = False
) -> tuple[int, ...]:
    """Return the years to report on: the one asked for, all, or the newest.

    Raises
    ------
    NoDataError
        If there are no files that count for the year asked for.
    """
    years = manifest["years"]
    if not years or (year is not None and year not in years):
        known = ", ".join(map(str, years)) or "–"
        raise NoDataError("no-year", year=year or "?", years=known)
    if year is not None:
        return (year,)
    return tuple(years) if every_year else (years[-1],)
