"""A bloc brings a form and indicators of its own: from the blank form to the figure."""

import shutil
from pathlib import Path

import openpyxl
import pytest

import thidua_analysis as td
from thidua_analysis import pipeline
from thidua_analysis.dataset import Dataset
from thidua_analysis.exchange.template import templates
from thidua_analysis.findings import ConfigError, UsageError
from thidua_analysis.form.bloc import load_bloc
from thidua_analysis.form.forms import RESERVED, bring, current, forms
from thidua_analysis.indicators import selection
from thidua_analysis.indicators.dictionary import OTHERS, functions
from thidua_analysis.indicators.engine import PARTS
from thidua_analysis.messages import LANGUAGES, speaking, text
from thidua_analysis.publish import status
from thidua_analysis.store import made, tidy
from thidua_analysis.submission import read_file

SAMPLE = Path(__file__).parents[1] / "sample" / "data" / "raw"
FORM = """\
id = "TDKT-DV/2"
extends = "TDKT-DV/1"

[aliases]
"commendations.award" = ["Tên gọi khen"]

[[columns.commendations]]
name = "young"
heading = "Cá nhân dưới 30 tuổi"
type = "count"
column = "optional"

[[tables]]
id = "volunteer_days"
sheet = "Ngày công"
key = ["activity"]
optional = true
[[tables.fields]]
name = "activity"
heading = "Hoạt động"
type = "text"
required = true
[[tables.fields]]
name = "days"
heading = "Số ngày công"
type = "count"
required = true
[[tables.fields]]
name = "people"
heading = "Số người tham gia"
type = "count"
"""
INDICATORS = """\
[volunteer_days]
label = "Ngày công tình nguyện"
table = "volunteer_days"
formula = "Σ days"
kind = "count"
unit = "ngày công"

[young_share]
label = { vi = "Tỷ lệ dưới 30 tuổi", en = "Share below 30" }
table = "commendations"
formula = "Σ young / Σ individuals"
kind = "share"
unit = "%"
of = "cá nhân"
decimals = 1
"""
F, N = "forms/tinh-nguyen.toml", "indicators.toml"


@pytest.fixture(autouse=True)
def forget():
    """Leave to other tests the forms of the program alone."""
    yield
    bring({})


@pytest.fixture
def data(tmp_path):
    raw = tmp_path / "data" / "raw"
    (raw / "forms").mkdir(parents=True)
    shutil.copy(SAMPLE / "bloc.toml", raw)
    shutil.copytree(SAMPLE / "2022", raw / "2022")
    (raw / "forms" / "tinh-nguyen.toml").write_text(FORM, encoding="utf-8")
    (raw / "indicators.toml").write_text(INDICATORS, encoding="utf-8")
    return tmp_path / "data"


def filled(data, year=2023):
    """Return the blank form of one member, filled in as a secretary would, in the data folder."""
    (path,) = templates(data, year, "dtn", out=data.parent / "mau")
    book = openpyxl.load_workbook(path)
    sheet = book["Ngày công"]
    for row, cells in enumerate([("Mùa hè xanh", 1200, 300), ("Hiến máu", 45, 45)], 2):
        for column, value in enumerate(cells, 1):
            sheet.cell(row, column, value)
    sheet = book["Khen thưởng"]
    told = {
        "Cấp khen thưởng": "Cấp tỉnh",
        "Danh hiệu thi đua, hình thức khen thưởng": "Bằng khen của Chủ tịch UBND tỉnh",
        "Phương thức khen thưởng": "Thường xuyên (theo công trạng)",
        "Tình trạng": "Đã tặng",
        "Cá nhân": 10,
        "Cá nhân dưới 30 tuổi": 5,
    }
    for cell in (c for row in sheet["A1:Z2"] for c in row if c.value in told):
        sheet.cell(3, cell.column, told[cell.value])
    folder = data / "raw" / str(year)
    folder.mkdir(exist_ok=True)
    book.save(folder / "dtn.xlsx")
    return folder / "dtn.xlsx"


def test_what_a_bloc_asks_for_goes_from_the_blank_form_to_the_figure_and_its_cells(data):
    path = filled(data)
    bloc = load_bloc(data)
    sent = read_file(path, bloc)
    assert sent.form == "TDKT-DV/2"
    assert not [f for f in sent.findings if f.severity == "error"]
    assert [r.values["days"] for r in sent.rows["volunteer_days"]] == [1200, 45]
    pipeline.build(data)
    ds = td.load(data)
    assert ds.volunteer_days["people"].tolist() == [300, 45]
    frame = td.indicators.volunteer_days(ds, by=["year", "member"], year=2023)
    (row,) = frame[frame["member"] == "dtn"].to_dict("records")
    assert (row["value"], row["text"], row["unit"]) == (1245, "1.245", "ngày công")
    cells = td.trace(row["lineage"], ds)
    assert {(c.sheet, c.cell) for c in cells.itertuples()} == {
        ("Ngày công", "B2"),
        ("Ngày công", "B3"),
    }
    share = td.indicators.young_share(ds, year=2023)
    assert share["value"].tolist() == [50]
    assert "volunteer_days" in dir(td.indicators)
    assert "Ngày công tình nguyện" in td.charts.bars(frame.dropna(subset=["value"])).title


def test_an_own_sum_of_commendations_counts_what_that_of_the_program_counts(data):
    told = INDICATORS.replace("volunteer_days", "all_commended", 1)
    told = told.replace('"volunteer_days"', '"commendations"').replace(
        "Σ days", "Σ (collectives + households + individuals)"
    )
    (data / "raw" / "indicators.toml").write_text(told, encoding="utf-8")
    pipeline.build(data)
    ds = td.load(data)
    assert "proposed" in {row["status"] for row in ds.records("commendations")}
    for by in (["year"], ["year", "member"], ["year", "level"]):
        own, other = (
            f(ds, by=by) for f in (td.indicators.all_commended, td.indicators.commendations)
        )
        assert own["value"].dropna().tolist() == other["value"].dropna().tolist()


def test_files_of_the_form_of_the_program_are_read_as_before(data):
    ds = td.load(pipeline.build(data) and data)
    plain = td.load(SAMPLE.parent)
    own, other = (td.indicators.commendations(d, year=2022)["value"].tolist() for d in (ds, plain))
    assert own == other


def test_a_form_that_begins_with_a_year_is_asked_for_and_missed_from_then_on(data):
    form = data / "raw" / "forms" / "tinh-nguyen.toml"
    form.write_text(FORM.replace("\n\n", "\nfrom_year = 2024\n\n", 1), encoding="utf-8")
    shutil.copytree(SAMPLE / "2023", data / "raw" / "2023")
    sheets = {
        year: "Ngày công" in openpyxl.load_workbook(path).sheetnames
        for year in (2023, 2024)
        for path in templates(data, year, "dtn", out=data.parent / str(year))
    }
    assert sheets == {2023: False, 2024: True}
    pipeline.build(data)
    ds = td.load(data)
    old = ds.findings.query("code == 'form-version-old'")
    assert old.empty
    # who reports on 2024 by the form of the year before is told so, once
    (data / "raw" / "2024").mkdir()
    book = openpyxl.load_workbook(data / "raw" / "2023" / "dtn.xlsx")
    for row in book["Thông tin"].iter_rows():
        for cell in row:
            if cell.value == 2023:
                cell.value = 2024
    book.save(data / "raw" / "2024" / "dtn.xlsx")
    pipeline.build(data)
    ds = td.load(data)
    (told,) = ds.findings.query("code == 'form-version-old'").to_dict("records")
    assert (told["file"], told["value"]) == ("2024/dtn.xlsx", "TDKT-DV/1")
    coverage = ds.coverage()
    assert set(coverage[coverage["table"] == "volunteer_days"]["year"]) == {2024}


def test_another_data_folder_has_its_own_forms_or_none(data):
    load_bloc(data)
    assert current("unit").id == "TDKT-DV/2"
    assert "volunteer_days" in tidy.columns()
    assert "volunteer_days" in functions()
    load_bloc(SAMPLE.parent)
    assert current("unit").id == "TDKT-DV/1"
    assert "volunteer_days" not in tidy.columns()
    assert not hasattr(td.indicators, "volunteer_days")


def test_a_changed_form_reads_files_again_and_a_changed_indicator_makes_pages_again(data):
    filled(data)
    pipeline.build(data)
    reading = made.fingerprint(data)
    told = made.sources(data, data.parent / "reports", 2023, code=False)
    form = data / "raw" / "forms" / "tinh-nguyen.toml"
    form.write_text(FORM.replace("Số người tham gia", "Số người"), encoding="utf-8")
    (data / "raw" / "indicators.toml").write_text(INDICATORS + "# x\n", encoding="utf-8")
    assert made.fingerprint(data) != reading
    fresh = made.sources(data, data.parent / "reports", 2023, code=False)
    names = {name for name in told if told[name] != fresh[name]}
    assert {"setting forms/tinh-nguyen.toml", "setting indicators.toml"} <= names


@pytest.mark.parametrize(
    ("file", "right", "wrong", "key", "line"),
    [
        (F, '"TDKT-DV/2"', '"TDKT-DV/1"', "form-same-id", None),
        (F, '"TDKT-DV/2"', '"KHAC/2"', "form-other-family", 1),
        (F, '"TDKT-DV/2"', '"TDKT-DV/0"', "form-other-family", 1),
        (F, '= "TDKT-DV/1"', '= "TDKT-DV/2"', "config-unknown-name-at", 2),
        (F, '"commendations.award"', '"khen.award"', "config-unknown-name-at", 5),
        (F, '"Tên gọi khen"', '"Cá nhân"', "form-taken", 5),
        (F, '"young"', '"women"', "form-taken", 8),
        (F, '"young"', '"year"', "form-taken", 8),
        (F, '"young"', '"women_bound"', "form-taken", 8),
        (F, '"young"', '"../x"', "config-wrong-entry", 8),
        (F, '"Cá nhân dưới 30 tuổi"', '"Nữ"', "form-taken", 9),
        (F, 'type = "count"', 'type = "đếm"', "config-wants-one-of", 10),
        (F, 'type = "count"', 'type = "personal"', "form-taken", 8),
        (F, 'type = "count"', 'type = "code"', "config-missing-entry", 8),
        (F, 'type = "count"', 'type = "code"\ncodes = "level"\ndefault = "x"',
         "config-unknown-name-at", 12),
        (F, 'type = "count"', 'type = "count"\ndefault = "x"', "config-unknown-name-at", 11),
        (F, 'id = "volunteer_days"', 'id = "targets"', "form-taken", 14),
        (F, 'id = "volunteer_days"', 'id = "cells"', "form-taken", 14),
        (F, 'id = "volunteer_days"', 'id = "../../x"', "config-wrong-entry", 14),
        (F, '"Ngày công"', '"Chỉ tiêu"', "form-taken", 15),
        (F, '"Ngày công"', '"Ngày/công"', "config-wrong-entry", 15),
        (F, "optional = true", 'melt = { into = "a", value = "b", fields = ["days"] }',
         "config-unknown-entry", 17),
        (F, "optional = true", 'checks = [{ rule = "sum", whole = "days" }]',
         "config-missing-entry", 17),
        (F, 'heading = "Hoạt động"\n', "", "config-missing-entry", 18),
        (F, '"people"', '"days"', "form-taken", 24),
        (N, "Σ days", "Σ dayz", "config-unknown-name-at", 1),
        (N, "Σ days", "Σ activity", "config-unknown-name-at", 1),
        (N, "Σ days", "Σ women", "config-unknown-name-at", 1),
        (N, "Σ days", "max(days)", "indicator-formula", 1),
        (N, "Σ days", "Σ (days", "indicator-formula", 1),
        (N, '"count"', '"share"', "config-unknown-name-at", 1),
        (N, '= "volunteer_days"', '= "submissions"', "config-unknown-name-at", 1),
        (N, "[volunteer_days]", "[women_share]", "indicator-taken", 1),
        (N, "[volunteer_days]", "[described]", "indicator-taken", 1),
        (N, "[volunteer_days]", "[import]", "indicator-taken", 1),
        (N, 'unit = "ngày công"\n', "", "config-missing-entry", 1),
        (N, "decimals = 1", "decimals = -1", "config-wants-bounds", 15),
    ],
)  # fmt: skip
def test_what_is_wrong_with_them_is_named_with_the_file(data, file, right, wrong, key, line):
    path = data / "raw" / file
    said = path.read_text(encoding="utf-8")
    assert right in said
    path.write_text(said.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_bloc(data) and functions()
    assert refused.value.key == key
    assert Path(refused.value.params["file"]) == path
    assert line is None or int(refused.value.params["line"]) == line
    for lang in LANGUAGES:
        assert "{" not in text(key, lang, **refused.value.params)
    path.write_text(said, encoding="utf-8")
    load_bloc(data)
    assert "TDKT-DV/2" in forms()


def test_what_no_bloc_brings_is_no_indicator(data):
    with pytest.raises(AttributeError):
        td.indicators.volunteer_days  # noqa: B018
    with pytest.raises(UsageError):
        td.indicators.entry("volunteer_days")


def test_one_form_of_a_bloc_may_extend_another_whatever_their_files_are_called(data):
    more = 'id = "TDKT-DV/3"\nextends = "TDKT-DV/2"\n'
    (data / "raw" / "forms" / "a.toml").write_text(more, encoding="utf-8")
    load_bloc(data)
    assert current("unit").id == "TDKT-DV/3"
    assert "volunteer_days" in {table.id for table in current("unit").tables}


def test_two_forms_never_ask_for_values_of_two_kinds_in_one_column(data):
    other = FORM.replace("TDKT-DV/2", "TDKT-DV/3").replace('type = "count"', 'type = "date"', 1)
    (data / "raw" / "forms" / "x.toml").write_text(other, encoding="utf-8")
    with pytest.raises(ConfigError, match="form-taken"):
        load_bloc(data)


def test_names_that_mean_something_else_are_reserved():
    told = {name for name, _ in (*tidy.PLACE, *tidy.CONTEXT)} | {"bloc", *PARTS}
    told |= {"submissions", "findings", "cells"}
    own = {name for name in dir(Dataset) if not name.startswith("_")} | {"bloc", "blocs", "lang"}
    assert (told - {"unit"}) | own <= RESERVED
    assert set(td.indicators.__all__) - set(functions()) == OTHERS


def test_a_form_that_comes_or_goes_is_seen_by_the_next_build_of_any_process(data):
    filled(data)
    form = data / "raw" / "forms" / "tinh-nguyen.toml"
    indicators = data / "raw" / "indicators.toml"
    told = form.read_text(encoding="utf-8"), indicators.read_text(encoding="utf-8")
    pipeline.build(data)
    form.unlink()
    indicators.unlink()
    bring({})  # as in a process that has opened nothing
    assert pipeline.build(data).wrong == ("2023/dtn.xlsx",)
    form.write_text(told[0], encoding="utf-8")
    bring({})
    assert pipeline.build(data).wrong == ()
    indicators.write_text(told[1], encoding="utf-8")
    bring({})
    assert not pipeline.build(data).changed  # no table depends on it
    assert td.indicators.volunteer_days(td.load(data), year=2023)["value"].tolist() == [1245]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_its_sheets_are_called_as_the_form_calls_them(data, lang):
    filled(data)
    with speaking(lang):
        ds = td.load(data, lang=lang)
        assert status.board(ds, 2023)
        assert selection.label(ds, "table", "volunteer_days") == "Ngày công"


def test_blocs_under_an_address_share_the_forms_beside_them(data):
    fsspec = pytest.importorskip("fsspec")
    filled(data)
    store = fsspec.filesystem("memory")
    raw = "/nguon/data/raw"
    try:
        for name in ("forms", "indicators.toml"):
            store.put(str(data / "raw" / name), f"{raw}/{name}", recursive=True)
        for name in ("bloc.toml", "2023"):
            store.put(str(data / "raw" / name), f"{raw}/khoi/{name}", recursive=True)
        assert pipeline.build("memory://nguon/data").wrong == ()
        assert store.isfile("/nguon/data/processed/khoi/volunteer_days.parquet")
    finally:
        store.rm("/nguon", recursive=True)
