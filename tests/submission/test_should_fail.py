"""Each workbook of ``should_fail/<code>/`` holds that finding where its neighbour says.

A case is a file, or a folder of files ``<year>/<name>`` for what only several files show, and
beside it ``<case>.json``: severity, sheet and cell of the finding and what else of it is
compared; ``also`` names further codes that belong to the case, ``times`` how often its own comes,
``path`` the name under which the file is sent, ``bloc`` lines that are added to the bloc file,
``worker`` whether the process that reads old formats dies. A new case is a new file.

Every code has at least two cases that differ in kind (another table, column or format), and a
near miss in ``should_pass/``: a file that names the code as ``near`` and is free of it.
"""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path, PurePath
from unittest import mock

import pytest

from thidua_analysis.excel import worker
from thidua_analysis.findings import CODES, UNREADABLE
from thidua_analysis.form import config
from thidua_analysis.form.bloc import Bloc
from thidua_analysis.messages import describe
from thidua_analysis.store import revisions
from thidua_analysis.submission import read_bytes
from thidua_analysis.submission import rows as output

TESTS = Path(__file__).parents[1]
FOLDER = TESTS / "should_fail"
BLOC = TESTS / "sample" / "data" / "raw" / "bloc.toml"
CASES = sorted(p for p in FOLDER.glob("*/*.json"))
#: sheets that a small case does not send
_NOT_SENT = {"table-missing"}
#: what a message looks like where a word is missing, or was not meant for people
_GAP = re.compile(
    r"“”|[{}]|\bNone\b|\(\)|\bNaN\b|\bnull\b|: ?\.|[^\w”)%]\?|\s[,;:]|\s\.(?!xls)|\s\s"
)
_WORKERS = {"works": worker._MODULE, "dies": "no_such_module"}


def case_id(path):
    return f"{path.parent.name}/{path.stem}"


@cache
def bloc_with(lines):
    return config.parse(Bloc, BLOC.read_text(encoding="utf-8") + lines, BLOC.name)


@cache
def sent(case):
    """The submissions of a case, and the findings that belong to none of them."""
    record = json.loads(case.read_text(encoding="utf-8"))
    bloc = bloc_with(record.get("bloc", ""))
    files = [p for p in case.parent.glob(f"{case.stem}*") if p.stem == case.stem and p != case]
    (thing,) = files
    if thing.is_file():
        path = PurePath(record.get("path", f"gửi/tệp{thing.suffix}"))
        with mock.patch.object(worker, "_MODULE", _WORKERS[record.get("worker", "works")]):
            return record, [read_bytes(thing.read_bytes(), path, bloc)], ()
    inside = sorted(p for p in thing.rglob("*") if p.is_file())
    read = [read_bytes(p.read_bytes(), PurePath(p.relative_to(thing)), bloc) for p in inside]
    placed = revisions.compare_years(revisions.place(read), bloc)
    return record, [p.submission for p in placed], revisions.missing_members(placed, bloc)


def test_every_code_of_the_catalogue_has_two_cases():
    cases = Counter(p.parent.name for p in CASES)
    assert {code: cases[code] for code in cases | dict.fromkeys(CODES, 0) if cases[code] < 2} == {}
    assert cases.keys() <= CODES.keys()


def test_every_case_has_its_workbook():
    stems = {(p.parent.name, p.stem) for p in FOLDER.glob("*/*") if p.suffix != ".json"}
    assert stems == {(p.parent.name, p.stem) for p in CASES}


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_the_finding_names_its_cell(case):
    record, submissions, beside = sent(case)
    code = case.parent.name
    found = [f for s in submissions for f in s.findings] + list(beside)
    records = [output.finding_record(f, "vi") for f in found]
    wanted = {"code": code, **record}
    asked = {k: v for k, v in wanted.items() if k in output.finding_record(found[0], "vi")}
    assert any(asked.items() <= one.items() for one in records), records


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_nothing_else_is_found(case):
    """A bad cell suppresses what follows from it, and no other cell is blamed."""
    record, submissions, beside = sent(case)
    allowed = {case.parent.name, *record.get("also", ()), *_NOT_SENT}
    found = [f for s in submissions for f in s.findings] + list(beside)
    assert {f.code for f in found} <= allowed
    repeated = [f for f in found if f.code == case.parent.name]
    assert len(repeated) == record.get("times", 1), repeated


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_an_error_keeps_its_cell_out_of_the_rows(case):
    _, submissions, _ = sent(case)
    for submission in submissions:
        bad = {(f.sheet, f.cell) for f in submission.findings if f.severity == "error" and f.cell}
        kept = {
            (row.sheet, cell)
            for rows in submission.rows.values()
            for row in rows
            for cell in row.cells.values()
        }
        assert not bad & kept
        if any(f.code in UNREADABLE for f in submission.findings):
            assert (submission.status, submission.rows) == ("unreadable", {})


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_the_message_is_whole_and_plain(case, lang):
    """No gap is left in it, and at most two proposals are made."""
    _, submissions, beside = sent(case)
    for found in [f for s in submissions for f in s.findings] + list(beside):
        message = describe(found, lang)
        assert not _GAP.search(message), message
        assert message.endswith((".", "?"))
        assert len((found.suggestion or "").split("; ")) <= 2
