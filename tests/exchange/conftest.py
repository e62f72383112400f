"""What the tests of the exchange share: a project of its own, and LibreOffice as a client."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A project with the samples of 2022 and 2023, built once."""
    from thidua_analysis import pipeline

    folder = tmp_path_factory.mktemp("built")
    raw = folder / "data" / "raw"
    for year in ("2022", "2023"):
        shutil.copytree(ROOT / "tests" / "sample" / "data" / "raw" / year, raw / year)
    shutil.copy(ROOT / "tests" / "sample" / "data" / "raw" / "bloc.toml", raw)
    pipeline.build(folder / "data")
    return folder


@pytest.fixture
def project(tmp_path, built):
    """A project of its own with the samples of 2022 and 2023 and the bloc's settings."""
    folder = tmp_path / "project"
    shutil.copytree(built, folder)
    return folder


@pytest.fixture
def office(tmp_path):
    """Convert a file with LibreOffice: ``office(path, "ods")`` gives the new file."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")

    def convert(path, kind):
        target = tmp_path / f"office-{kind}"
        target.mkdir(exist_ok=True)
        profile = (tmp_path / "office-profile").as_uri()
        done = subprocess.run(
            [program, f"-env:UserInstallation={profile}", "--headless", "--convert-to", kind,
             "--outdir", str(target), str(path)],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        made = target / f"{path.stem}.{kind}"
        assert made.is_file(), done.stderr
        return made

    return convert


@pytest.fixture(scope="session")
def fill():
    """Fill a template with the rows of a submission, as a member would type them."""
    import openpyxl

    from thidua_analysis.exchange.template_cells import typed

    def fill_in(path, form, bloc, rows):
        book = openpyxl.load_workbook(path)
        for table in form.tables:
            if table.id not in rows:
                continue
            first = 3 if any(f.group for f in table.fields) else 2
            for number, row in enumerate(rows[table.id], first):
                for column, field in enumerate(table.fields, 1):
                    value = typed(form, bloc, field, row.values.get(field.name), row.values)
                    book[table.sheet].cell(number, column, value)
        book.save(path)
        return path

    return fill_in
