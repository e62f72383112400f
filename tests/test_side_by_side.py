"""Many things at once: in order, with the results of all but those on which a process died."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
import types
from concurrent.futures import Executor, Future
from pathlib import Path

import pytest

from thidua_analysis import parallel
from thidua_analysis.parallel import MANY, Work, as_done, each

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _findable(monkeypatch) -> None:
    """Let new processes find the functions of this module."""
    monkeypatch.syspath_prepend(Path(__file__).parents[1])


def double(thing: int) -> int:
    return 2 * thing


def slow_at_first(thing: int) -> tuple[int, int]:
    time.sleep(0.05 if thing == 0 else 0)
    return thing, os.getpid()


def die_at_seven(thing: int) -> int:
    if thing == 7:
        os._exit(1)
    return thing


def lost(thing: int) -> int:
    return -thing


@pytest.mark.parametrize("count", [0, 1, 2, MANY - 1, MANY, MANY + 3])
def test_every_thing_has_its_result_in_order(count: int) -> None:
    assert list(each(double, range(count), lost=lost)) == [2 * n for n in range(count)]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_many_things_are_given_to_other_processes(method: str, monkeypatch) -> None:
    monkeypatch.setattr(parallel, "_start_method", lambda: method)
    things, processes = zip(*each(slow_at_first, range(MANY), lost=lost), strict=True)
    assert things == tuple(range(MANY))
    assert os.getpid() not in processes
    assert len(set(processes)) <= (os.cpu_count() or 1)


def test_a_process_that_dies_costs_no_other_thing() -> None:
    expected = [-n if n == 7 else n for n in range(MANY)]
    assert list(each(die_at_seven, range(MANY), lost=lost)) == expected


def test_where_no_process_can_start_threads_do_all(monkeypatch) -> None:
    only_here = types.ModuleType("only_here")
    exec("import os\ndef where(thing): return thing, os.getpid()", only_here.__dict__)
    monkeypatch.setitem(sys.modules, "only_here", only_here)
    monkeypatch.setattr(parallel, "_start_method", lambda: "spawn")
    things, processes = zip(*each(only_here.where, range(MANY), lost=lost), strict=True)
    assert things == tuple(range(MANY))
    assert set(processes) == {os.getpid()}


def test_an_error_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        list(each((1).__truediv__, [*range(1, MANY), 0], lost=lost))


@pytest.mark.parametrize(("workers", "handed"), [(2, 256), (300, 1200)])
def test_every_worker_of_a_cluster_has_something_to_do(workers: int, handed: int) -> None:
    class Cluster(Executor):
        _client = types.SimpleNamespace(nthreads=lambda: dict.fromkeys(range(workers), 2))
        given = 0

        def submit(self, work, thing):
            self.given += 1
            done = Future()
            done.set_result(work(thing))
            return done

    cluster = Cluster()
    assert next(each(double, range(2000), lost=lost, executor=cluster)) == 0
    assert cluster.given == handed


def test_windows_is_asked_for_no_more_processes_than_it_waits_for(monkeypatch):
    monkeypatch.setattr(parallel, "sys", types.SimpleNamespace(platform="win32"))
    with parallel._pool(200) as pool:
        assert pool._max_workers == 61


def die_sleep_or_double(thing: int) -> int:
    if thing == 3:
        os._exit(1)
    if thing == 4:
        time.sleep(3600)
    return 2 * thing


def kill_the_one_above(thing: int) -> int:
    if thing == 1:
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(3600)
    return 2 * thing


def load(thing: int) -> None:
    if thing != 0:
        raise AssertionError(thing)


def outcomes(make, count, timeout=60.0):
    work = Work(load, make, range(count), 2, timeout)
    return sorted(as_done(work, lost=lambda thing, fate: (thing, fate)), key=str)


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_a_process_that_ends_at_a_thing_costs_no_other_one(platform: str, monkeypatch) -> None:
    monkeypatch.setattr(parallel, "sys", types.SimpleNamespace(platform=platform))
    expected = [0, 2, 4, 10, 12, 14, (3, "died"), (4, "late")]
    assert outcomes(die_sleep_or_double, 8, timeout=5) == sorted(expected, key=str)
    assert not multiprocessing.active_children()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux copies processes")
def test_things_are_lost_with_the_process_whose_copies_do_them() -> None:
    assert outcomes(kill_the_one_above, 3) in (
        [(0, "died"), (1, "died"), (2, "died")],
        [(1, "died"), (2, "died"), 0],
        [(1, "died"), 0, 4],
    )
    assert outcomes(double, 0) == []


def tell_who_and_sleep(folder: Path) -> None:
    (folder / f"{os.getpid()}-{os.getppid()}").touch()
    time.sleep(3600)


def runs(process: str) -> bool:
    state = Path("/proc", process, "stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux copies processes")
def test_no_process_outlives_the_one_that_waits_for_it(tmp_path: Path) -> None:
    main = tmp_path / "main.py"
    main.write_text(
        "from pathlib import Path\n"
        "from tests.test_side_by_side import Work, as_done, lost, tell_who_and_sleep\n"
        "if __name__ == '__main__':\n"
        f"    folders = [Path({str(tmp_path / 'told')!r})] * 2\n"
        "    list(as_done(Work(str, tell_who_and_sleep, folders, 2, 3600.0), lost=lost))\n"
    )
    (tmp_path / "told").mkdir()
    around = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen([sys.executable, str(main)], env=around) as process:
        while len(told := [one.name for one in (tmp_path / "told").iterdir()]) < 2:
            assert process.poll() is None
            time.sleep(0.1)
        process.kill()
    left = {one for name in told for one in name.split("-")}
    assert len(left) == 3
    for _ in range(600):
        left = set(filter(runs, left))
        time.sleep(0.1 if left else 0)
    assert not left


@pytest.mark.parametrize(
    "asked", ["list(as_done(work, lost=lost))", "list(each(double, many, lost=lost))"]
)
def test_a_script_is_run_once(asked: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "print('once', flush=True)\n"
        "from tests.test_side_by_side import MANY, Work, as_done, double, each, lost, parallel\n"
        "parallel._start_method = lambda: 'spawn'\n"
        "many = range(MANY)\n"
        "work = Work(str, double, many, 2, 60.0)\n"
        f"print(len({asked}))\n"
    )
    around = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path]),
    }
    told = subprocess.run([sys.executable, script], env=around, capture_output=True, text=True)
    assert (told.stdout.split(), told.stderr) == (["once", str(MANY)], "")


def test_none_is_waited_for_where_no_more_is_asked_for() -> None:
    done = as_done(Work(load, die_sleep_or_double, range(5), 5, 3600.0), lost=lambda *_: None)
    next(done)
    done.close()
    assert not multiprocessing.active_children()
