"""The conference pack: charts, slides, tables, documents and official forms of a year."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from thidua_analysis.charts.caption import Native
from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import UsageError
from thidua_analysis.form.config import notebooks_of, reports_of
from thidua_analysis.lineage.register import unmarked
from thidua_analysis.messages import speaking, text
from thidua_analysis.publish import downloads, first_screen
from thidua_analysis.publish.datapackage import FILE as DESCRIPTION
from thidua_analysis.publish.datapackage import FOLDER as DATA
from thidua_analysis.publish.html import rendered
from thidua_analysis.publish.notebook import CHART, Failure, Progress
from thidua_analysis.publish.page import Part
from thidua_analysis.publish.report import CACHE, run_parts
from thidua_analysis.publish.sources import rows_of
from thidua_analysis.publish.status import status, up_to, used_in, whole
from thidua_analysis.publish.workbook import workbook
from thidua_analysis.store.disk import locked, now, remove_file, together, write_file

#: Folder of the pack in that of the report, and of its charts and official forms.
FOLDER, CHARTS, FORMS = "hoi-nghi", "bieu-do", "bieu-mau"
INDEX, LIST = "index.html", "danh-muc-bieu-do.xlsx"
#: Files of the pack as its page lists them; each has a message with its title.
_FILES = (
    *("trinh-chieu.pptx", "bao-cao-tong-ket.docx", "bien-ban-binh-xet-suy-ton.docx"),
    *("to-trinh.docx", "tong-hop-so-lieu.xlsx", LIST),
)
#: What can be asked for, and what of it is sent up or signed.
KINDS, SIGNED = ("charts", "slides", "tables", "forms", "document"), ("forms", "document")
#: What writes each kind: module, function, and the extra that it needs.
_WRITERS = {
    "slides": ("slides", "write_slides", "slides"),
    "tables": ("workbook", "write_workbook", ""),
    "document": ("documents", "write_documents", "document"),
}
#: Libraries that an extra brings.
_EXTRAS = ("pptx", "docx", "lxml")
#: Kind of file of a chart → how its name ends.
_ENDS = {"png": ".png", "png@2x": "@2x.png", "svg": ".svg", "pdf": ".pdf"}
#: Name of a file of a chart; others in the folder are not ours.
_NAME = re.compile(r"\d\d-\d+-[a-z0-9-]+(?:@2x)?\.(?:png|svg|pdf)")
_NO_TIME = "1980-01-01T00:00:00Z"
_STAMP = re.compile(rb">\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?<")


@dataclass(frozen=True)
class Shown:
    """A chart of the report as files show it.

    Parameters
    ----------
    name
        How the names of its files begin.
    part
        Title of the part that it stands in.
    title, subtitle, alt, source
        As in `Chart`.
    native
        What an office program draws it from; None where its picture is used.
    head, rows
        The table of its data, as printed.
    figures
        Ids of the figures in it.
    files
        ``png`` (1920 x 1080), ``png@2x``, ``svg`` and ``pdf``.
    """

    name: str
    part: str
    title: str
    subtitle: str
    alt: str
    source: str
    native: Native | None
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[str, ...]
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Card:
    """A key figure: what it is, its number and unit as printed, and what else there is to say."""

    label: str
    value: str
    unit: str
    more: tuple[str, ...]


@dataclass(frozen=True)
class Pack:
    """What the writers of the pack need: the run notebooks of a year and what they show.

    Parameters
    ----------
    ds
        The data up to the year.
    year
        The year of the report.
    folder
        Where the pack is written.
    title, state
        What the report is called; who sent, and until which day.
    illustrative
        Whether the data are not real.
    facts, cards
        The sentences and key figures of the first screen.
    parts, charts, tables
        The run notebooks, their charts and their tables.
    rows
        Anchor of a figure → the figure, as `sources.rows_of` gives them.
    """

    ds: Dataset
    year: int
    folder: Path
    title: str
    state: str
    illustrative: bool
    facts: tuple[str, ...]
    cards: tuple[Card, ...]
    parts: tuple[Part, ...]
    charts: tuple[Shown, ...]
    tables: Sequence[downloads.Table]
    rows: downloads.Rows

    @classmethod
    def of(cls, ds: Dataset, year: int, folder: Path, parts: Sequence[Part]) -> Self:
        """Collect what the writers need from the run notebooks; the data end in the year."""
        shown = [markup for part in parts for markup in part.shown]
        cards = [
            Card(name, *first_screen.parted(value), tuple(map(unmarked, more)))
            for name, value, more, *_ in first_screen.cards(ds, year)
        ]
        return cls(
            ds,
            year,
            folder,
            text("report-title", year=year),
            status(ds, year).plain,
            any(row["illustrative"] for row in used_in(ds, year)),
            tuple(map(unmarked, first_screen.facts(ds, year))),
            tuple(cards),
            tuple(parts),
            tuple(_charts(parts)),
            downloads.tables_of(shown),
            rows_of(ds, year, shown),
        )


@dataclass
class Exported:
    """What was written where, which notebooks failed, and which extras are missing."""

    folder: Path
    files: list[Path] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    #: official forms with rows or columns that do not agree
    mismatches: dict[Path, int] = field(default_factory=dict)
    #: kinds that are written in Vietnamese only, and were asked for in another language
    vietnamese_only: tuple[str, ...] = ()


def export(
    ds: Dataset,
    year: int,
    what: str | Iterable[str] = "all",
    out: Path | str | None = None,
    *,
    progress: Progress | None = None,
) -> Exported:
    """Write the conference pack of a year.

    Parameters
    ----------
    ds
        The dataset, as `load` returns it.
    year
        The year of the report.
    what
        ``charts``, ``slides``, ``tables``, ``forms``, ``document``, several of these or ``all``.
    out
        The folder; by default ``hoi-nghi`` in that of the report.
    progress
        Called with the number of notebooks done, their total and the name of the last one.

    Returns
    -------
    Exported
        The files. What needs a library that is not installed is left out and told; so is what is
        sent up or signed, which is Vietnamese, of a dataset in another language.

    Raises
    ------
    NoDataError
        If there are no notebooks.
    UsageError
        If the kind is unknown, there are no data of the year, the dataset has no folder, or more
        than the forms is asked of a part of its members or years.
    """
    wanted, data = _asked(what), ds.folder
    if len(ds.blocs) > 1:
        raise UsageError("export-of-blocs", folder=str((data or Path("data")) / "raw" / "<khối>"))
    if data is None and (out is None or wanted != ("forms",)):
        raise UsageError("export-no-folder")
    own = up_to(ds, year) if wanted == ("forms",) else whole(ds, year)
    done = Exported(Path(out or reports_of(data or Path(), ds.lang) / str(year) / FOLDER))
    if ds.lang != "vi":
        done.vietnamese_only = tuple(kind for kind in wanted if kind in SIGNED)
        wanted = tuple(kind for kind in wanted if kind not in SIGNED)
    with locked(done.folder), speaking(ds.lang):
        pack = None
        if data is not None and {*wanted} - {"forms"}:
            pack = _prepared(own, year, data.resolve(), done, progress)
        with together(done.folder):
            if "forms" in wanted:
                _write_forms(ds, year, done)
            if pack is not None:
                _write_parts(pack, wanted, done)
    return done


def _write_parts(pack: Pack, wanted: Iterable[str], done: Exported) -> None:
    """Write all that is made of the run notebooks, and the page that names what is there."""
    for kind in wanted:
        if kind in _WRITERS:
            done.files += _written(pack, kind, done)
    if "charts" in wanted:
        done.files += _write_charts(pack)
    if "charts" in wanted or (pack.folder / INDEX).is_file():
        write_file(pack.folder / INDEX, rendered("pack.html.j2", _index(pack)))
        done.files.append(pack.folder / INDEX)


def _asked(what: str | Iterable[str]) -> tuple[str, ...]:
    asked = (what,) if isinstance(what, str) else tuple(what)
    for one in asked or ("",):
        if one not in (*KINDS, "all"):
            raise UsageError("export-unknown", name=one, accepted=", ".join((*KINDS, "all")))
    return KINDS if "all" in asked else tuple(kind for kind in KINDS if kind in asked)


def _prepared(
    ds: Dataset, year: int, data: Path, done: Exported, progress: Progress | None
) -> Pack:
    notebooks, cache = notebooks_of(data), reports_of(data, ds.lang) / str(year) / CACHE / FOLDER
    ran, parts = run_parts(
        ds, data, year, notebooks, done.folder, cache, pictures=True, progress=progress
    )
    done.failed += ran.failed
    return Pack.of(ds, year, done.folder, parts)


def _charts(parts: Iterable[Part]) -> Iterator[Shown]:
    for part in parts:
        number, found = part.href.partition("_")[0][:2], 0
        for cell in part.notebook["cells"]:
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                if CHART not in data:
                    continue
                found += 1
                name = f"{number}-{found}-{downloads.slug(data[CHART]['title'].partition(':')[0])}"
                yield _shown(name, part, data[CHART], "".join(data["text/html"]))


def _shown(name: str, part: Part, told: Mapping[str, Any], markup: str) -> Shown:
    native, table = told["native"], next(iter(downloads.tables_of([markup])), downloads.Table())
    drawn = None
    if native and native["categories"]:
        series = tuple((name, tuple(values)) for name, values in native["series"])
        drawn = Native(**{**native, "categories": tuple(native["categories"]), "series": series})
    below = text("chart-table-below")  # as on the pages only
    words = {k: told[k].replace(below, "").strip() for k in ("title", "subtitle", "alt", "source")}
    files = {kind: base64.b64decode(data) for kind, data in told["files"].items()}
    rows = tuple(tuple(cell.text for cell in row) for row in table.rows)
    figures = tuple(told["figures"])
    return Shown(
        name, part.title, **words, native=drawn, head=tuple(table.head), rows=rows,
        figures=figures, files=files,
    )  # fmt: skip


def _write_charts(pack: Pack) -> Iterator[Path]:
    """Write every chart as pictures, and a list of them."""
    folder = pack.folder / CHARTS
    names = {
        f"{one.name}{_ENDS[kind]}": data for one in pack.charts for kind, data in one.files.items()
    }
    for path in folder.glob("*"):
        if _NAME.fullmatch(path.name) and path.name not in names:
            remove_file(path)
    for name, data in names.items():
        write_file(folder / name, data)
        yield folder / name
    head = [text(f"pack-{name}") for name in ("chart", "part", "measure", "alt", "source", "files")]
    rows = [
        [one.title, one.part, one.subtitle, one.alt, one.source, f"{CHARTS}/{one.name}.png"]
        for one in pack.charts
    ]
    table = downloads.Table(
        text("pack-list"), [], head, [[downloads.Cell(words) for words in row] for row in rows]
    )
    about = [pack.ds.bloc.name, *pack.state.split(" · ")]
    write_file(pack.folder / LIST, workbook(pack.title, [table], {}, about))
    yield pack.folder / LIST


def _index(pack: Pack) -> dict[str, Any]:
    """Return what the page of the charts shows: each with its files."""
    charts = [
        {
            "title": one.title,
            "part": one.part,
            "alt": one.alt,
            "data": base64.b64encode(one.files["svg"]).decode(),
            "files": [
                {"href": f"{CHARTS}/{one.name}{end}", "title": text(f"pack-{kind}")}
                for kind, end in _ENDS.items()
            ],
        }
        for one in pack.charts
    ]
    words = {"title": text("pack-title", year=pack.year), "data_title": text("pack-data")}
    return {**words, "lead": pack.state, "charts": charts, **_listed(pack)}


def _listed(pack: Pack) -> dict[str, list[dict[str, str]]]:
    """Return the other files of the pack that are there, in the order in which they are used."""
    from thidua_analysis.official.layout import layouts

    forms = {f"{FORMS}/{one.file}-{pack.year}.xlsx": one.sheet for one in layouts().values()}
    told = {name: text(f"pack-file-{name.partition('.')[0]}") for name in _FILES} | forms
    described = now(pack.folder / DATA / DESCRIPTION)
    package = json.loads(described.read_bytes()) if described.is_file() else {"resources": []}
    data = {f"{DATA}/{one['path']}": one["title"] for one in package["resources"]}
    data |= {f"{DATA}/{DESCRIPTION}": text("pack-described")} if data else {}
    return {
        key: [
            {"href": href, "title": title}
            for href, title in those.items()
            if now(pack.folder / href).is_file()
        ]
        for key, those in (("files", told), ("data", data))
    }


def _write_forms(ds: Dataset, year: int, done: Exported) -> None:
    from thidua_analysis.official import official_forms, write_forms

    forms = official_forms(ds, year)
    for form, path in zip(forms, write_forms(forms, done.folder / FORMS, ds.lang), strict=True):
        done.files.append(path)
        if form.mismatches:
            done.mismatches[path] = len(form.mismatches)


def _written(pack: Pack, kind: str, done: Exported) -> tuple[Path, ...]:
    """Write one kind; where its library is missing, note which extra brings it."""
    module, function, extra = _WRITERS[kind]
    try:
        writer = getattr(import_module(f"thidua_analysis.publish.{module}"), function)
        return tuple(writer(pack))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRAS:
            raise
        done.missing.append(extra)
        return ()


def settled(package: bytes) -> bytes:
    """Return an office package, and those within it, without the time at which it was made."""
    found = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(found, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith(".xlsx"):
                data = settled(data)
            elif name == "docProps/core.xml":
                data = _STAMP.sub(f">{_NO_TIME}<".encode(), data)
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(member, data)
    return found.getvalue()
