"""What the program says, as texts by name: (part, item) → text."""

import contextlib
import datetime as dt
import io
import json
import re
import shutil
import sys
import tempfile
import zipfile
from itertools import groupby, pairwise
from pathlib import Path
from unittest.mock import patch

import thidua_analysis as td
from thidua_analysis.cli.app import main
from thidua_analysis.findings import ThiduaError

from .facts import facts
from .markup import charts, drawings, tags, words

ROOT = Path(__file__).parents[2]
YEARS = (2021, 2022, 2023)
NEW_YEAR = 2024
_MADE = re.compile(r"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_TODAY = [dt.date.today().strftime(form) for form in ("%d/%m/%Y", "%Y-%m-%d")]


def of_workbook(path, name, wanted):
    """Yield what is said of one workbook, which is known by a name that no folder changes."""
    if "facts" in wanted:
        yield ("facts", name), as_text(facts(path.read_bytes(), path.name))
    for part in {"check", "rows"} & wanted:
        said = thidua(part, path, "--json", data=ROOT / "tests" / "sample" / "data")
        yield (part, name), said.replace(json.dumps(str(path), ensure_ascii=False)[1:-1], name)


def of_copy(path, name):
    """Yield what goes back to the sender of one workbook."""
    with tempfile.TemporaryDirectory() as temporary:
        found = json.loads(
            thidua("check", path, "--json", data=ROOT / "tests" / "sample" / "data").partition(
                "\n"
            )[2]
        )
        year = str(found["files"][0]["year"] or YEARS[-1])
        data = Path(temporary) / "data"
        (data / "raw" / year).mkdir(parents=True)
        shutil.copy(ROOT / "tests" / "sample" / "data" / "raw" / "bloc.toml", data / "raw")
        shutil.copy(path, data / "raw" / year)
        said = thidua("feedback", "--year", year, "--json", data=data)
        yield ("marks", name), said.replace(temporary, "")
        for made, text in _files(Path(temporary) / "reports"):
            if "-can-sua." in made:
                yield ("marks", f"{name} {made}"), text


def of_figures():
    """Yield the figures of all years, alone and broken down, and the cells behind them."""
    with _copy() as data:
        ds = td.load(data)
        for year in YEARS:
            for lang in ("en", "vi"):  # the ids of the last are traced
                said = thidua("figures", "--year", year, "--json", "--lang", lang, data=data)
                found = json.loads(said.partition("\n")[2])
                for name, figures in groupby(found, lambda figure: figure["indicator"]):
                    yield ("figures", f"{year} {lang} {name}"), as_text(list(figures))
            for name, figures in groupby(found, lambda figure: figure["indicator"]):
                cells = {one["id"]: _csv(td.trace, one["id"], ds) for one in figures}
                yield ("figures", f"{year} cells {name}"), as_text(cells)
        for name, frames in _frames(ds):
            yield ("figures", f"frames {name}"), as_text(frames)
        orders = ["verify", *(f"status --year {year}" for year in YEARS), "status"]
        orders += [
            "trace 2023/ldld.xlsx Chỉ tiêu!H9",
            "trace 2023/mttq.xlsx Khen thưởng!D8",
        ]
        for order in orders:
            said = thidua(*order.split(" ", 2), "--json", data=data)
            yield ("figures", order), said.replace(str(data), "")
        sendings = sorted((data / "raw").rglob("mttq*.xlsx"))
        for first, second in pairwise(sendings):
            name = f"diff {first.parent.name}/{first.name} {second.parent.name}/{second.name}"
            said = thidua("diff", first, second, "--json", data=data)
            yield ("figures", name), said.replace(str(data), "")


def _frames(ds):
    """Yield every indicator with its frames, in each breakdown that any indicator has."""
    shown = {name: td.indicators.entry(name).shown for name in td.indicators.functions()}
    columns = sorted({column for several in shown.values() for by in several for column in by})
    breakdowns = [(), *((column,) for column in columns), *(("year", c) for c in columns)]
    for name, function in td.indicators.functions().items():
        yield name, {str(by): _csv(function, ds, by=by) for by in breakdowns}


def _csv(function, *arguments, **named):
    """Return the frame that a function makes, or how it refuses; lineage has items of its own."""
    try:
        return function(*arguments, **named).drop(columns="lineage", errors="ignore").to_csv()
    except ThiduaError as error:
        return f"{error.key} {sorted(map(str, error.params.items()))}"


def of_pages():
    """Yield the pages of all years, what stands behind their charts, and the charts as drawn."""
    with _copy() as data, patch.dict("os.environ", PATH=""):  # no browser is found: no PDF
        yield (
            ("pages", "report"),
            thidua("report", "--all", data=data).replace(str(data.parent), ""),
        )
        for page in sorted((data.parent / "reports").rglob("*.html")):
            name, markup = f"{page.parent.name}/{page.name}", page.read_text(encoding="utf-8")
            markup = re.sub(r"Lập bằng thidua-analysis [^<]*", "", markup)
            yield ("pages", f"{name} words"), words(markup)
            yield ("pages", f"{name} tags"), tags(markup)
            if page.name[0].isdigit():
                shown = zip(charts(markup), drawings(markup), strict=True)
                for number, (chart, drawn) in enumerate(shown, 1):
                    yield ("pages", f"{name} chart {number:02}"), chart
                    yield ("drawings", f"{name} chart {number:02}"), drawn


#: Commands that write files for members and the province.
WRITTEN = ("export --what forms", "feedback")


def of_forms():
    """Yield all files that are written for the members and for the province."""
    orders = [f"{word} --year {year}" for year in YEARS for word in WRITTEN]
    orders += [
        f"template --year {YEARS[0]}",
        f"template --year {YEARS[-1]}",
        f"new-year {NEW_YEAR}",
    ]
    with _copy() as data:
        for order in orders:
            said = thidua(*order.split(), data=data)
            yield ("forms", order), said.replace(str(data.parent), "")
        for name, text in _files(data.parent / "reports"):
            yield ("forms", name), text


def _files(folder):
    """Yield the files below a folder: pages as words and tags, workbooks as all their parts."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if zipfile.is_zipfile(path):
            yield name, _parts(path)
        elif path.suffix == ".html":
            page = _dateless(path.read_text(encoding="utf-8"))
            yield name, words(page) + tags(page)
        elif path.is_file():
            yield name, _dateless(path.read_bytes().decode("utf-8", "backslashreplace"))


def _parts(path):
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in sorted(package.namelist())}
    told = (f"## {n}\n{part.decode('utf-8', 'backslashreplace')}\n" for n, part in parts.items())
    return _MADE.sub(r"\1", "".join(told)).replace("><", ">\n<")


def _dateless(text):
    for today in _TODAY:
        text = text.replace(today, "today")
    return text


@contextlib.contextmanager
def _copy():
    """Yield a data folder with the notebooks beside it, in a folder of its own."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        shutil.copytree(ROOT / "tests" / "sample" / "data" / "raw", folder / "data" / "raw")
        shutil.copytree(ROOT / "notebooks", folder / "notebooks")
        yield folder / "data"


def thidua(*words, data):
    """Return the exit code of a command, and on the lines below it all that it prints."""
    arguments = ["thidua", *map(str, words), "--data", str(data)]
    out = io.StringIO()
    with (
        patch.object(sys, "argv", arguments),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        try:
            main()
            code = 0
        except SystemExit as left:
            code = left.code
    return _dateless(f"{code}\n{out.getvalue()}{err.getvalue()}")


def as_text(record):
    """Return a record as text, a line an entry."""
    return json.dumps(record, ensure_ascii=False, indent=0, default=str)
