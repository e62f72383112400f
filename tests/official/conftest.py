"""Official forms of submissions made by hand, so that every figure can be checked by counting."""

import datetime as dt
import shutil
import subprocess

import openpyxl
import pytest

from thidua_analysis.dataset import Dataset
from thidua_analysis.form.forms import forms
from thidua_analysis.official import official_form, official_forms, write_forms
from thidua_analysis.submission.rows import Note, Row, Submission

BK = "Bằng khen của Chủ tịch UBND tỉnh"


def submission(member, year=2023, counted_as="turns", period="year", illustrative=False, **tables):
    """A member's submission: table=[{field: value}]; ``<field>_bound`` qualifies a number."""
    made = {}
    for name, given in tables.items():
        table = forms()["TDKT-DV/1"].table(name)
        made[name] = tuple(
            Row(
                name,
                table.sheet,
                number,
                {field: values.get(field) for field in table.columns},
                {field: f"{chr(65 + at)}{number}" for at, field in enumerate(table.columns)
                 if values.get(field) is not None},
                {k.removesuffix("_bound"): Note(str(v), bound=v) for k, v in values.items()
                 if k.endswith("_bound")},
            )
            for number, values in enumerate(given, 2)
        )  # fmt: skip
    path = f"{year}/{member}.xlsx"
    return Submission(
        path, path, "TDKT-DV/1", member, year, period=period, counted_as=counted_as,
        illustrative=illustrative, rows=made,
    )  # fmt: skip


def award(name=BK, level="province", method="regular", status="awarded", **counts):
    return {"award": name, "level": level, "method": method, "status": status, **counts}


def launch(name, by="central", scope="national", months=12, method="thematic", day="2023-03-01"):
    launched = dt.date.fromisoformat(day) if day else None
    return {
        "name": name, "launched_by": by, "scope": scope, "duration_months": months,
        "method": method, "launched_on": launched,
    }  # fmt: skip


def figures(form):
    """Row code → column id → value, of the cells that are filled."""
    found = {}
    for (row, column), cell in form.cells.items():
        if cell.value is not None:
            found.setdefault(row, {})[column] = cell.value
    return found


def told(form, *words):
    """The only note that holds all these words."""
    found = [note.text for note in form.notes if all(word in note.text for word in words)]
    assert len(found) == 1, [note.text for note in form.notes]
    return found[0]


def silent(form, word):
    return not any(word in note.text for note in form.notes)


def book_of(form, folder):
    (path,) = write_forms([form], folder)
    return openpyxl.load_workbook(path)


def sheet_of(form, folder):
    return book_of(form, folder).worksheets[0]


def texts(sheet):
    return [c.value for row in sheet.iter_rows() for c in row if isinstance(c.value, str)]


def is_ratio(form, cell):
    return any(c.source.ratio for c in form.columns if c.id == cell.column)


def page(pdf, number=1):
    command = ["pdftotext", "-layout", "-f", str(number), "-l", str(number), str(pdf), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(name="submission", scope="session")
def _submission():
    return submission


@pytest.fixture(name="award", scope="session")
def _award():
    return award


@pytest.fixture(name="launch", scope="session")
def _launch():
    return launch


@pytest.fixture(name="figures", scope="session")
def _figures():
    return figures


@pytest.fixture(name="told", scope="session")
def _told():
    return told


@pytest.fixture(name="silent", scope="session")
def _silent():
    return silent


@pytest.fixture(name="book_of", scope="session")
def _book_of():
    return book_of


@pytest.fixture(name="sheet_of", scope="session")
def _sheet_of():
    return sheet_of


@pytest.fixture(name="texts", scope="session")
def _texts():
    return texts


@pytest.fixture(name="is_ratio", scope="session")
def _is_ratio():
    return is_ratio


@pytest.fixture(name="page", scope="session")
def _page():
    return page


@pytest.fixture
def fill(bloc):
    """A form of 2023 from submissions made by hand."""

    def made(form_id, *submissions, year=2023):
        return official_form(Dataset.of(submissions, bloc), form_id, year)

    return made


@pytest.fixture(scope="session")
def pdfs(samples, tmp_path_factory):
    """The forms as LibreOffice prints them."""
    office, reader = shutil.which("soffice"), shutil.which("pdftotext")
    if office is None or reader is None:
        pytest.skip("LibreOffice or pdftotext is not installed")
    folder = tmp_path_factory.mktemp("office")
    paths = write_forms(official_forms(samples, 2023), folder)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*command, *map(str, paths)], check=True, capture_output=True, timeout=120)
    return {path.stem: path.with_suffix(".pdf") for path in paths}
