"""Each workbook of ``should_pass/`` gives the rows of its neighbour, whatever its layout.

Beside a workbook stands ``<case>.json``: who reports, the codes of the findings (none of them an
error), the values of every row; ``path`` is the name under which the file is sent. A new case is
a new file.
"""

import json
from pathlib import Path, PurePath

import pytest

from thidua_analysis.submission import output, read_bytes

FOLDER = Path(__file__).parents[1] / "should_pass"
CASES = sorted(FOLDER.glob("*.json"))


def sent(case, bloc):
    record = json.loads(case.read_text(encoding="utf-8"))
    (file,) = [p for p in case.parent.glob(f"{case.stem}.*") if p != case]
    path = PurePath(record.get("path", f"gửi/tệp{file.suffix}"))
    return record, read_bytes(file.read_bytes(), path, bloc)


def values(rows):
    """Values and notes of rows, without the places where they stand."""
    plain = json.loads(json.dumps(output.row_records(rows)))
    return [{k: v for k, v in row.items() if k not in ("_row", "_cells")} for row in plain]


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_the_rows_are_read(case, bloc):
    record, submission = sent(case, bloc)
    assert [f for f in submission.findings if f.severity == "error"] == []
    for table in record["rows"].keys() | submission.rows.keys():
        assert values(submission.rows.get(table, ())) == record["rows"].get(table, []), table


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_who_reports_is_known_and_nothing_wrong_is_found(case, bloc):
    record, submission = sent(case, bloc)
    said = {name: getattr(submission, name) for name in record["identity"]}
    assert said == record["identity"]
    assert sorted({f.code for f in submission.findings}) == sorted(set(record["findings"]))


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_every_value_stands_in_the_cell_that_is_named(case, bloc):
    _, submission = sent(case, bloc)
    for rows in submission.rows.values():
        for row in rows:
            named = {n for n, v in row.values.items() if v is not None}
            assert row.cells.keys() <= named
