"""Each workbook of ``should_pass/`` gives the rows of its neighbour, whatever its layout.

Beside a workbook stands ``<case>.json``: who reports, the codes of the findings (none of them an
error), the values of every row; ``path`` is the name under which the file is sent, ``bloc`` lines
that are added to the bloc file. A case may be a folder of files ``<year>/<name>``, compared with
each other: then the last one is the file meant, and the findings are those of all. A new case is
a new file.

``near`` is the code that a case just misses: what would make the finding stands one step away,
and the name of the case says what it nearly is. Every code has at least one near miss.
"""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePath

import pytest

from thidua_analysis.findings import CODES
from thidua_analysis.form import config
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.store import revisions
from thidua_analysis.submission import read_bytes
from thidua_analysis.submission import rows as output

TESTS = Path(__file__).parents[1]
FOLDER = TESTS / "should_pass"
BLOC = TESTS / "sample" / "data" / "raw" / "bloc.toml"
CASES = sorted(FOLDER.glob("*.json"))


@cache
def sent(case):
    """What is expected of a case, and its submission with the findings of all its files."""
    record = json.loads(case.read_text(encoding="utf-8"))
    bloc = config.parse(Bloc, BLOC.read_text(encoding="utf-8") + record.get("bloc", ""), BLOC.name)
    (thing,) = [p for p in case.parent.glob(f"{case.stem}*") if p.stem == case.stem and p != case]
    if thing.is_file():
        path = PurePath(record.get("path", f"gửi/tệp{thing.suffix}"))
        return record, read_bytes(thing.read_bytes(), path, bloc)
    inside = sorted(p for p in thing.rglob("*") if p.is_file())
    read = [read_bytes(p.read_bytes(), PurePath(p.relative_to(thing)), bloc) for p in inside]
    placed = revisions.compare_years(revisions.place(read), bloc)
    found = [f for p in placed for f in p.submission.findings]
    found += revisions.missing_members(placed, bloc)
    last = next(p.submission for p in placed if p.file == inside[-1].relative_to(thing).as_posix())
    return record, replace(last, findings=tuple(found))


def values(rows):
    """Values and notes of rows, without the places where they stand."""
    plain = json.loads(json.dumps(output.row_records(rows), default=str))
    return [{k: v for k, v in row.items() if k not in ("_row", "_cells")} for row in plain]


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_the_rows_are_read(case):
    record, submission = sent(case)
    assert [f for f in submission.findings if f.severity == "error"] == []
    for table in record["rows"].keys() | submission.rows.keys():
        assert values(submission.rows.get(table, ())) == record["rows"].get(table, []), table


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_who_reports_is_known_and_nothing_wrong_is_found(case):
    record, submission = sent(case)
    said = {name: getattr(submission, name) for name in record["identity"]}
    assert said == record["identity"]
    assert sorted({f.code for f in submission.findings}) == sorted(set(record["findings"]))


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_every_value_stands_in_the_cell_that_is_named(case):
    _, submission = sent(case)
    for rows in submission.rows.values():
        for row in rows:
            named = {n for n, v in row.values.items() if v is not None}
            assert row.cells.keys() <= named


def test_every_code_has_a_near_miss():
    records = [sent(case)[0] for case in CASES]
    assert {r["near"] for r in records if "near" in r} == set(CODES)


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_a_near_miss_is_free_of_its_code(case):
    record, submission = sent(case)
    assert record.get("near") not in {f.code for f in submission.findings}
