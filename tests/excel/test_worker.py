import datetime as dt
import math
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thidua_analysis.excel import Limits, Merge, Sheet, Workbook, read, worker
from thidua_analysis.excel.cells import Refusal
from thidua_analysis.excel.worker import dumped, loaded, read_isolated
from thidua_analysis.findings import UNREADABLE

pytestmark = pytest.mark.slow

RAW = Path(__file__).parents[2] / "tests" / "sample" / "data" / "raw"
XLS = (RAW / "2021" / "ccb.xls").read_bytes()
ODS = (RAW / "2022" / "ldld.ods").read_bytes()


@pytest.fixture
def impostor(tmp_path, monkeypatch):
    """Put another program in the place of the worker."""

    def put(script: str) -> None:
        (tmp_path / "impostor.py").write_text(script)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setattr(worker, "_MODULE", "impostor")

    return put


def failure(seconds: int = 20) -> str:
    reading = read(XLS, "a.xls", Limits(worker_seconds=seconds))
    assert reading.workbook is None
    (found,) = reading.findings
    assert found.code == "reader-failed"
    return found.params["what"]


def test_worker_that_dies_costs_its_file_alone(impostor, monkeypatch) -> None:
    impostor("import os; os.abort()")
    assert failure().startswith("exit ")
    monkeypatch.undo()
    assert read(XLS, "a.xls").workbook


@pytest.mark.parametrize(
    "script",
    [
        "",
        "print('xin chào')",
        "print('[1, 2]')",
        "print('{}')",
        "print('[' * 100_000)",
        'print(\'{"sheets": [{"name": 1}], "date_1904": 0, "has_facts": 1, "links": []}\')',
        'print(\'{"refused": "no-such-code", "params": {}}\')',
        'print(\'{"refused": "file-damaged", "params": []}\')',
        "import sys; sys.stdout.buffer.write(bytes(range(256)))",
    ],
)
def test_worker_that_answers_nonsense_costs_its_file_alone(script: str, impostor) -> None:
    impostor(script)
    assert failure() == "answer"


def test_worker_that_hangs_is_ended_with_its_children(impostor, tmp_path) -> None:
    noted = tmp_path / "pids"
    impostor(
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(noted)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "time.sleep(60)\n"
    )
    start = time.monotonic()
    assert failure(seconds=2) == "> 2 s"
    assert time.monotonic() - start < 20
    if sys.platform == "linux":
        assert not any(is_alive(int(pid)) for pid in noted.read_text().split())


def is_alive(pid: int) -> bool:
    """Whether a process still runs a while later; one that is dead but not collected does not."""
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
        if state == "Z":
            return False
        time.sleep(0.1)
    return True


def test_worker_is_not_led_astray_by_the_current_folder(tmp_path, monkeypatch) -> None:
    (tmp_path / "xlrd.py").write_text("raise SystemExit(3)")
    (tmp_path / "json.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    assert read(XLS, "a.xls").workbook


def test_worker_takes_no_more_than_a_quarter_of_a_second() -> None:
    resource = pytest.importorskip("resource")

    def processor_time() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return float(used.ru_utime + used.ru_stime)

    times = []
    for _ in range(5):
        start = processor_time()
        read_isolated("xls", XLS, Limits())
        times.append(processor_time() - start)
    assert min(times) < 0.25


def test_worker_loads_only_what_it_needs() -> None:
    script = """
import io, json, sys
sys.stdin = io.TextIOWrapper(io.BytesIO(json.dumps(
    {"kind": "xls", "limits": {}}).encode() + b"\\n"))
from thidua_analysis.excel import worker
worker.main()
heavy = {"pandas", "numpy", "openpyxl", "multiprocessing", "subprocess", "urllib.request"}
print(sorted(heavy & sys.modules.keys()), file=sys.stderr)
"""
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout.startswith('{"refused":"file-damaged"')
    assert result.stderr.strip().endswith("[]")


@pytest.mark.skipif(sys.platform != "linux", reason="address space is bounded on Linux alone")
def test_worker_that_takes_too_much_memory_is_stopped(impostor) -> None:
    impostor(
        "from thidua_analysis.excel import Limits, worker\n"
        "worker._bound(Limits())\n"
        "bytearray(3 * 1024**3)\n"
    )
    assert failure().startswith("exit ")


def test_several_files_are_read_at_a_time() -> None:
    with ThreadPoolExecutor(4) as pool:
        readings = list(pool.map(lambda _: read(XLS, "a.xls"), range(6)))
    first, *others = (reading.workbook for reading in readings)
    for other in others:
        assert [s.rows for s in other.sheets] == [s.rows for s in first.sheets]


def test_worker_refuses_what_is_no_workbook() -> None:
    with pytest.raises(Refusal) as raised:
        read_isolated("xls", b"no workbook", Limits())
    assert raised.value.code == "file-damaged"


def test_worker_keeps_the_limits_of_the_analyst() -> None:
    for data, name in ((XLS, "a.xls"), (ODS, "a.ods")):
        (found,) = read(data, name, Limits(cells=50)).findings
        assert (found.code, found.params["limit"]) == ("file-too-large", "cells")
        (found,) = read(data, name, Limits(text_characters=50)).findings
        assert (found.code, found.params["limit"]) == ("file-too-large", "text_characters")
        (found,) = read(data, name, Limits(merges=3)).findings
        assert (found.code, found.params["limit"]) == ("file-too-large", "merges")
        (found,) = read(data, name, Limits(sheets=3)).findings
        assert (found.code, found.params["limit"]) == ("file-too-large", "sheets")


# --- the message between the two processes


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(allow_nan=False),
    st.text(st.characters(codec=None), max_size=10),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)


def returned(*sheets: Sheet, **more: object) -> Workbook:
    return loaded(dumped(Workbook(sheets, **more)))


@given(st.lists(st.lists(VALUES, max_size=5), max_size=5))
def test_every_value_survives_the_way_between_processes(rows) -> None:
    answer = returned(Sheet("a", rows))
    assert answer.sheets[0].rows == rows
    for row, original in zip(answer.sheets[0].rows, rows, strict=True):
        assert [type(value) for value in row] == [type(value) for value in original]


def test_facts_survive_the_way_between_processes() -> None:
    sheet = Sheet(
        "Chỉ tiêu",
        [[math.inf, "a\ud800"]],
        hidden=True,
        merges=[Merge(1, 2, 3, 4)],
        hidden_rows={3},
        hidden_columns={2, 5},
        errors={(1, 1): "#REF!", (2, 7): "#REF!"},
        uncalculated={(4, 4)},
        formats={(1, 2): "0%", (3, 4): "0%"},
        fonts={(1, 2): ".VnTime", (9, 9): ".VnTime"},
        runs={(1, 2): (("a", None), ("b", ".VnTime"))},
    )
    answer = returned(sheet, date_1904=True, has_facts=False, links=("tong hop.xlsx",))
    assert (answer.date_1904, answer.has_facts) == (True, False)
    assert answer.links == ("tong hop.xlsx",)
    for name in Sheet.__dataclass_fields__:
        assert getattr(answer.sheets[0], name) == getattr(sheet, name)


def test_midnight_and_other_edges_keep_their_type() -> None:
    rows = [[dt.datetime(2023, 1, 1), dt.date(2023, 1, 1), dt.time(), dt.timedelta(days=-1)]]
    assert returned(Sheet("a", rows)).sheets[0].rows == rows


# --- whatever comes


@pytest.mark.slow
@given(
    st.sampled_from([(XLS, "a.xls"), (ODS, "a.ods")]),
    st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6)), min_size=1, max_size=8),
)
@settings(max_examples=40, deadline=None)
def test_changed_bytes_never_raise(sample, changes) -> None:
    data = bytearray(sample[0])
    for place, piece in changes:
        start = int(place * (len(data) - len(piece)))
        data[start : start + len(piece)] = piece
    reading = read(bytes(data), sample[1])
    found = {finding.code for finding in reading.findings}
    assert (reading.workbook is None) == bool(found & UNREADABLE)
