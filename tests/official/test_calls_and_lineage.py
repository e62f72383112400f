"""Wrong calls and layouts, where figures come from, the command."""

from importlib import resources

import pytest
from click.testing import CliRunner

from thidua_analysis import pipeline
from thidua_analysis.cli import app as cli
from thidua_analysis.findings import ConfigError, NoDataError, UsageError
from thidua_analysis.form.config import parse
from thidua_analysis.lineage.tracing import trace
from thidua_analysis.official import form_ids, official_form
from thidua_analysis.official.layout import Layout


def layout_text(name):
    folder = resources.files("thidua_analysis.official")
    return (folder / name).read_text(encoding="utf-8")


def lineage(form):
    """Where each figure of a form comes from, by row code and column id."""
    return {place: cell.lineage for place, cell in form.cells.items() if cell.value is not None}


def test_a_year_without_data_and_an_unknown_form_are_refused(samples):
    with pytest.raises(NoDataError) as missing:
        official_form(samples, "0603.N", 1999)
    assert missing.value.params["years"] == "2021, 2022, 2023"
    with pytest.raises(UsageError) as unknown:
        official_form(samples, "0604.N", 2023)
    assert "0603.N" in unknown.value.params["accepted"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('fields = ["enterprises"]', 'fields = ["companies"]'),
        ('where = { method = ["thematic"] }', 'where = { methods = ["thematic"] }'),
        ('parts = ["02", "04", "05"]', 'parts = ["02", "04", "55"]'),
        ('total = "1"', 'total = "9"'),
        ('code = "02"', 'code = "01"'),
        ('"official-source"', '"official-sauce"'),
        ('title = "', 'titel = "'),
    ],
)
def test_a_layout_with_a_wrong_name_is_refused(old, new):
    text = layout_text("tt02-2023-0603n.toml")
    assert old in text
    with pytest.raises(ConfigError):
        parse(Layout, text.replace(old, new, 1), "x.toml")


@pytest.mark.parametrize("form_id", form_ids())
def test_the_cells_behind_every_figure_add_up_to_it(samples, form_id, is_ratio):
    form = official_form(samples, form_id, 2023)
    for place, source in lineage(form).items():
        cells = trace({"lineage": source}, samples)
        sums = cells.groupby("role")["value"].sum().to_dict()
        if is_ratio(form, form.cells[place]):
            share = sums["numerator"] * 100 / sums["denominator"]
            assert float(form.cells[place].value) == pytest.approx(float(share)), place
        else:
            # no recipient of a list stands behind a 0
            assert sums.get("value", 0) == form.cells[place].value, place


def test_lineage_names_rows_and_fields(fill, submission, award):
    rows = [award(collectives=3), award(collectives=2, individuals=4)]
    form = fill("0603.N", submission("ldld", commendations=rows))
    first, second = lineage(form)["01", "2"].terms
    assert (first.table, first.rows, first.fields) == (
        "commendations", ("2023/ldld.xlsx#Khen thưởng!2",), ("collectives",),
    )  # fmt: skip
    assert second.fields == ("collectives", "individuals")


def test_the_command_writes_the_forms(samples, monkeypatch, tmp_path):
    monkeypatch.setattr(pipeline, "load", lambda folder, lang: samples)
    (tmp_path / "data" / "raw").mkdir(parents=True)
    arguments = ["export", "--what", "forms", "--year", "2023", "--data", str(tmp_path / "data")]
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 0, result.output
    written = sorted(p.name for p in (tmp_path / "reports/2023/hoi-nghi/bieu-mau").iterdir())
    assert len(written) == len(form_ids())
    assert "0603N-2023.xlsx" in result.output
