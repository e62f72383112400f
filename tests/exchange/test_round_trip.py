"""Templates filled in, saved by a real office program in three formats, and read back."""

import datetime as dt

import pytest

from thidua_analysis.exchange.template import write_template
from thidua_analysis.form.forms import current
from thidua_analysis.submission import read_file

UNIT = current("unit")


def values(submission):
    return {t: [dict(row.values) for row in rows] for t, rows in submission.rows.items()}


@pytest.fixture(scope="session")
def sent(submissions):
    """What a member of the samples sent for 2023, with dates and times of day among it."""
    return next(s for s in submissions if (s.member, s.year) == ("mttq", 2023))


@pytest.fixture
def filled(tmp_path, bloc, samples, sent, fill):
    path = tmp_path / "bieu-mau-2023-mttq.xlsx"
    write_template(UNIT, bloc, 2023, "mttq", samples.filter(year=2022), path)
    return fill(path, UNIT, bloc, sent.rows)


def test_a_filled_template_gives_what_was_typed(filled, bloc, sent):
    read = read_file(filled, bloc)
    assert [f for f in read.findings if f.severity != "note"] == []
    assert values(read) == values(sent)


@pytest.mark.office
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_a_template_saved_by_libreoffice_gives_the_same_values_in_every_field(
    filled, bloc, sent, office, kind
):
    saved = office(filled, kind)
    read = read_file(saved, bloc)
    assert [f for f in read.findings if f.severity != "note"] == []
    assert (read.member, read.year, read.form) == ("mttq", 2023, "TDKT-DV/1")
    assert values(read) == values(sent)


@pytest.mark.office
@pytest.mark.slow
def test_libreoffice_keeps_checks_lists_and_locks_of_the_template(filled, office):
    """A file that needs repair would lose them."""
    import openpyxl

    before, after = (openpyxl.load_workbook(p) for p in (filled, office(filled, "xlsx")))
    assert after.sheetnames == before.sheetnames
    assert [s.sheet_state for s in after] == [s.sheet_state for s in before]
    for table in UNIT.tables:
        checks = {
            (c.type, c.formula1, c.error)
            for c in after[table.sheet].data_validations.dataValidation
            if c.type
        }
        lists = {c for c in checks if c[0] == "list"}
        assert {c[1] for c in lists} == {
            f"chon_{f.codes or f.type}" for f in table.fields if f.type in ("code", "award")
        }
        assert all(c[2] for c in checks)
        assert after[table.sheet].protection.sheet
    assert set(before.defined_names) <= set(after.defined_names)


def test_a_day_typed_as_text_and_a_time_of_day_are_read_alike(filled, bloc):
    import openpyxl

    book = openpyxl.load_workbook(filled)
    sheet = book["Chỉ tiêu"]
    sheet["H2"], sheet["H3"] = "15/12/2023", dt.datetime(2023, 12, 15, 10, 30)
    book.save(filled)
    rows = read_file(filled, bloc).rows["targets"]
    assert [r.values["deadline"] for r in rows[:2]] == [dt.date(2023, 12, 15)] * 2
