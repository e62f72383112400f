"""Tables as CSV files with a data package: every column has one type and one unit."""

import csv
import datetime as dt
import hashlib
import io
import json
from decimal import Decimal

import pytest

from thidua_analysis import indicators
from thidua_analysis.lineage.register import anchor
from thidua_analysis.publish.datapackage import FOLDER, columns, csv_of, write_data
from thidua_analysis.publish.downloads import Cell, Table, typed
from thidua_analysis.publish.workbook import write_workbook

SHARE = "women_share/year=2023"
ROWS = {anchor(SHARE): {"value": Decimal("43.29467737"), "unit": "%", "text": "43,3%"}}
READ = {
    "string": str,
    "integer": int,
    "number": float,
    "year": int,
    "date": dt.date.fromisoformat,
}


@pytest.fixture(scope="module")
def pack(sample_pack):
    return sample_pack


@pytest.fixture(scope="module")
def folder(pack):
    write_workbook(pack)
    return pack.folder / FOLDER


@pytest.fixture(scope="module")
def package(folder):
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


def column(*texts, head="Số", figure=""):
    rows = [[Cell("An"), Cell(text, figure, counts=True)] for text in texts]
    return columns(typed(Table("Bảng", [], ["Đơn vị", head], rows), ROWS))[1:]


def read(folder, resource):
    content = (folder / resource["path"]).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_package_says_what_it_is_whose_and_how_the_data_stand(pack, package):
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert package["name"] == f"{pack.ds.bloc.id}-2023"
    assert pack.ds.bloc.name in package["title"]
    assert package["description"] == pack.state
    assert package["sources"]
    # nobody has stated a licence: none is invented
    assert "licenses" not in package


def test_every_table_is_a_file_and_every_file_is_described(pack, folder, package):
    paths = [one["path"] for one in package["resources"]]
    assert len(paths) == len(set(paths)) == len(pack.tables)
    assert sorted(path.name for path in folder.glob("*.csv")) == sorted(paths)
    for one in package["resources"]:
        content = (folder / one["path"]).read_bytes()
        assert one["bytes"] == len(content)
        assert one["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert one["name"].replace("-", "").isalnum()
        assert one["name"].islower()
        assert one["encoding"] == "utf-8"
        assert one["sources"]


def test_the_fields_are_the_columns_and_every_value_is_of_its_type(folder, package):
    for one in package["resources"]:
        head, *rows = read(folder, one)
        fields = one["schema"]["fields"]
        assert head == [field["name"] for field in fields], one["path"]
        assert len(set(head)) == len(head)
        assert rows
        for row in rows:
            for field, value in zip(fields, row, strict=True):
                assert value == "" or READ[field["type"]](value) is not None
        for key in [one["schema"].get("primaryKey", [])]:
            places = [head.index(name) for name in key]
            named = [tuple(row[at] for at in places) for row in rows]
            assert not key or len(set(named)) == len(named), one["path"]


def test_values_are_the_figures_of_the_frame(samples, folder, package):
    (one,) = [r for r in package["resources"] if r["title"].startswith("Khen thưởng theo cấp và")]
    head, *rows = read(folder, one)
    frame = indicators.awards_by_level(samples.filter(year=2023), by=("member", "level"))
    names = frame.attrs["names"]
    found = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    for row in frame.to_dict("records"):
        shown = found[names["member"][row["member"]]][names["level"][row["level"]]]
        assert int(shown) == row["value"]


def test_a_field_of_figures_has_unit_and_definition(package):
    (one,) = [r for r in package["resources"] if r["title"] == "Các chỉ số theo đơn vị"]
    (field,) = [f for f in one["schema"]["fields"] if f["name"].startswith("Tỷ lệ nữ")]
    assert (field["type"], field["unit"]) == ("number", "%")
    assert field["description"] == f"{indicators.entry('women_share').definition['vi']}."
    assert field["title"] == f"{field['name']} (%)"


def test_a_share_is_in_percent_and_a_dash_is_an_empty_field():
    (share,) = column("43,3%", "–", figure=SHARE)
    assert (share.kind, share.unit, share.values) == ("number", "%", (Decimal("43.29467737"), None))


def test_years_days_and_counts_have_types_of_their_own():
    assert column("2022", "2023")[0].kind == "year"
    assert column("2.022", "5")[0].kind == "integer"
    rows = [[Cell("15/12/2023")], [Cell("–")]]
    (day,) = columns(typed(Table("Bảng", [], ["Ngày"], rows), {}))
    assert (day.kind, day.values) == ("date", (dt.date(2023, 12, 15), None))


def test_money_of_one_column_is_in_one_unit():
    (money,) = column("▲ +334 triệu đồng", "▲ +36,2 tỷ đồng", "không đổi")
    assert money.unit == "tỷ đồng"
    assert money.values == (Decimal("0.334"), Decimal("36.2"), 0)


def test_what_is_printed_beside_a_number_is_a_column_of_its_own():
    number, remark = column("26,7% (2/6)", "0/3 (1/6)", "30,0%")
    assert number.values == (Decimal("26.7"), None, 30)
    assert remark.values == ("2/6", "0/3 (1/6)", None)
    number, remark = column("trên 2.000", "▲ dưới 0,1 điểm %", "5")
    assert number.values == (2000, None, 5)
    assert remark.values == ("trên", "▲ dưới 0,1 điểm %", None)


def test_units_that_differ_are_a_column_of_their_own():
    number, unit = column("61,7%", "4.160 lượt")
    assert (number.values, unit.values) == ((Decimal("61.7"), 4160), ("%", "lượt"))


def test_a_text_that_a_spreadsheet_would_compute_is_told(pack, tmp_path):
    rows = [[Cell("=1+1"), Cell("5", counts=True)]]
    found = typed(Table("=Bảng", [], ["Đơn vị", "Số"], rows), {})
    moved = pack.__class__(**{**pack.__dict__, "folder": tmp_path})
    path, description = write_data(moved, [found])
    assert "\r\n'=1+1,5" in path.read_bytes().decode("utf-8-sig")
    assert json.loads(description.read_bytes())["resources"][0]["title"] == "=Bảng"
    assert "'=1+1" in csv_of([found])


def test_files_of_tables_that_are_gone_go(pack, folder):
    (folder / "bang-99-cu.csv").write_text("cũ", encoding="utf-8")
    write_workbook(pack)
    assert not (folder / "bang-99-cu.csv").exists()
