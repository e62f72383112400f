"""What the tests share: the bloc, and the sample submissions as a reader must make them."""

import datetime as dt
import json
import os
import sys
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from thidua_analysis.form.bloc import load_bloc
from thidua_analysis.form.forms import forms
from thidua_analysis.store import tidy
from thidua_analysis.submission.rows import Note, Row, Submission

if os.environ.get("CI"):

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(item, call):
        """On CI everything is installed: a test that skips has failed."""
        outcome = yield
        report = outcome.get_result()
        if report.skipped and not hasattr(report, "wasxfail"):
            report.outcome = "failed"
            report.longrepr = f"skipped on CI: {report.longrepr}"


# machines that run tests side by side are slow by moments: time is no property of a result
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")

ROOT = Path(__file__).parents[1]
# what several folders make their data with stands beside this file
sys.path.insert(0, str(Path(__file__).parent))
EXPECTED = ROOT / "tests" / "data" / "expected"


def _row(table, data):
    dates = {
        f.name for form in forms().values() for t in form.tables if t.id == table
        for f in t.fields if f.type == "date"
    }  # fmt: skip
    values = {
        k: dt.date.fromisoformat(v) if k in dates and v else v
        for k, v in data.items()
        if not k.startswith("_")
    }
    notes = {k: Note(**n) for k, n in data.get("_notes", {}).items()}
    return Row(table, data["_row"]["sheet"], data["_row"]["row"], values, data["_cells"], notes)


@cache
def read_samples():
    summary = json.loads((EXPECTED / "summary.json").read_text(encoding="utf-8"))
    found = []
    for path, entry in summary.items():
        text = (EXPECTED / path).with_suffix(".json").read_text(encoding="utf-8")
        tables = json.loads(text, parse_float=Decimal)
        found.append(
            Submission(
                path=path,
                sha256="0" * 64,
                form=entry["form"],
                member=entry["member"],
                year=entry["year"],
                revision=entry["revision"],
                illustrative=True,
                rows={t: tuple(_row(t, r) for r in rows) for t, rows in tables.items()},
            )
        )
    assert set(tidy.table_names()) <= {t for s in found for t in s.rows}
    return tuple(found)


@pytest.fixture(scope="session")
def bloc():
    """The bloc of the sample submissions."""
    return load_bloc(ROOT / "tests" / "sample" / "data")


@pytest.fixture(scope="session")
def submissions():
    """The 21 sample submissions, as a reader must make them."""
    return read_samples()


@pytest.fixture(scope="session")
def samples(submissions, bloc):
    """The dataset of the sample submissions."""
    from thidua_analysis.dataset import Dataset

    return Dataset.of(submissions, bloc)


@pytest.fixture(scope="session")
def published_2023():
    """The published figures of 2023 with the parts that the samples give."""
    return json.loads((EXPECTED / "bloc_2023.json").read_text(encoding="utf-8"))
