import json
from dataclasses import replace
from decimal import Decimal

import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace as altered

from thidua_analysis.findings import finding
from thidua_analysis.form.forms import forms
from thidua_analysis.store import disk, tidy
from thidua_analysis.store.made import assemble
from thidua_analysis.submission.rows import Note, Row


def written(data, submissions, bloc):
    tables, manifest = assemble(submissions, bloc)
    disk.write(data, tables, manifest)
    return {p.name: p.read_bytes() for p in (data / "processed").iterdir()}


def test_same_input_same_bytes_in_whatever_order_the_files_come(tmp_path, submissions, bloc):
    first = written(tmp_path / "a", submissions, bloc)
    second = written(tmp_path / "b", reversed(submissions), bloc)
    assert first == second


def test_there_is_one_parquet_file_a_table_and_a_manifest(tmp_path, submissions, bloc):
    written(tmp_path, submissions, bloc)
    names = {p.stem for p in (tmp_path / "processed").glob("*.parquet")}
    asked = {t.id for form in forms().values() for t in form.tables if not t.adds_up_to}
    assert names == asked | {"submissions", "findings", "cells"}
    manifest = json.loads((tmp_path / "processed" / "manifest.json").read_text(encoding="utf-8"))
    entry = next(f for f in manifest["files"] if f["file"] == "2023/mttq.xlsx")
    assert (entry["member"], entry["year"], entry["revision"]) == ("mttq", 2023, 2)
    assert entry["counts"]["commendations"] == 20


def test_the_columns_of_a_table_are_those_of_its_form(tmp_path, submissions, bloc):
    written(tmp_path, submissions, bloc)
    for name in tidy.table_names():
        table = pq.read_table(tmp_path / "processed" / f"{name}.parquet")
        assert table.schema.names == tidy.schema(name).names
        asked = {
            c for form in forms().values() for t in form.tables if t.id == name for c in t.columns
        }
        assert asked <= set(table.schema.names)


def test_a_table_of_another_build_is_never_mixed_in(tmp_path, submissions, bloc):
    written(tmp_path, submissions, bloc)
    (tmp_path / "processed" / "ranks.parquet").write_bytes(b"of another build")
    with pytest.raises(disk.StoreMissingError):
        disk.read(tmp_path)


def test_nothing_built_is_said_to_be_missing(tmp_path):
    with pytest.raises(disk.StoreMissingError):
        disk.read(tmp_path)


def test_what_is_read_is_what_was_written(tmp_path, submissions, bloc):
    tables, manifest = assemble(submissions, bloc)
    disk.write(tmp_path, tables, manifest)
    opened = disk.read(tmp_path).tables()
    assert {name: opened[name].to_pylist() for name in tables} == {
        name: table.to_pylist() for name, table in tables.items()
    }


def test_numbers_are_stored_exactly(bloc, submissions):
    value = Decimal("48500000000.123456789012345678")
    cells = {"measure": "A1", "quantity": "C1", "value_vnd": "B1"}
    bound = {"quantity": Note("trên 2.000", bound="gt")}
    values = {"movement": None, "measure": "Quà", "unit": "suất", "quantity": 2000, "note": None}
    row = Row("results", "S", 1, {**values, "value_vnd": value}, cells, bound)
    made = replace(submissions[0], rows={"results": (row,)})
    tables, _ = assemble([made], bloc)
    (stored,) = tables["results"].to_pylist()
    assert stored["value_vnd"] == value
    assert (stored["quantity"], stored["quantity_bound"]) == (2000, "gt")
    typed = {c["field"]: c["typed"] for c in tables["cells"].to_pylist()}
    assert typed["quantity"] == "trên 2.000"


def test_every_cell_of_every_row_is_in_the_lineage(submissions, bloc):
    tables, _ = assemble(submissions, bloc)
    cells = sum(len(row.cells) for s in submissions for rows in s.rows.values() for row in rows)
    assert tables["cells"].num_rows == cells


def test_each_recipient_of_a_list_is_a_cell_that_counts_one(submissions, bloc):
    sent = next(s for s in submissions if s.path == "2023/dtn.xlsx")
    first = sent.rows["commendations"][0]
    counted = altered(first, parts={"individuals": ("G2", "G5"), "direct": ("K2",)})
    tables, _ = assemble([replace(sent, rows={"commendations": (counted,)})], bloc)
    found = [c for c in tables["cells"].to_pylist() if c["field"] in ("individuals", "direct")]
    assert [(c["cell"], c["value"]) for c in found] == [("G2", "1"), ("G5", "1"), ("K2", "1")]


def test_two_rows_of_one_line_have_two_ids(submissions, bloc):
    tables, _ = assemble(submissions, bloc)
    for name in tidy.table_names():
        ids = tables[name]["row_id"].to_pylist()
        assert len(set(ids)) == len(ids)


def test_a_file_with_an_identity_error_is_kept_out_but_listed(submissions, bloc):
    wrong = replace(submissions[0], findings=(finding("year-mismatch"),))
    tables, manifest = assemble([wrong, *submissions[1:]], bloc)
    assert wrong.path not in set(tables["commendations"]["file"].to_pylist())
    entry = next(f for f in manifest["files"] if f["file"] == wrong.path)
    assert (entry["used"], entry["status"]) == (False, "errors")
