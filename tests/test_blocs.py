"""Several blocs beside each other: each built by itself, by any engine; together they add up."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

import thidua_analysis as td
from thidua_analysis import pipeline, publish
from thidua_analysis.cli.show_exchange import print_next
from thidua_analysis.findings import ConfigError, UsageError
from thidua_analysis.form.bloc import load_bloc
from thidua_analysis.indicators import functions
from thidua_analysis.indicators.selection import listed
from thidua_analysis.parallel import engine
from thidua_analysis.store import disk, made

RAW = Path(__file__).parents[1] / "tests" / "sample" / "data" / "raw"
#: Bloc → year → files that its members have sent.
SENT = {
    "khoi-mot": {2022: ["mttq", "hnd", "khoi"], 2023: ["mttq", "hnd", "ldld", "khoi"]},
    "khoi-hai": {2023: ["lhpn", "hnd", "dtn"]},
    "khoi-ba": {},
}
PARTS = ["numerator", "denominator", "value", "text", "reporting", "expected", "uncovered"]


def add_bloc(data, name, sent):
    home = data / "raw" / name
    home.mkdir(parents=True)
    own = (RAW / "bloc.toml").read_text(encoding="utf-8")
    own = own.replace('id = "laichau-mttq-doan-the"', f'id = "{name}"\nshort = "Khối {name}"')
    (home / "bloc.toml").write_text(own, encoding="utf-8")
    for year, members in sent.items():
        (home / str(year)).mkdir()
        for member in members:
            shutil.copy(RAW / str(year) / f"{member}.xlsx", home / str(year))
    return home


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A data folder of three blocs, of which one has sent nothing yet; built."""
    folder = tmp_path_factory.mktemp("province") / "data"
    for name, sent in SENT.items():
        add_bloc(folder, name, sent)
    pipeline.build(folder)
    return folder


@pytest.fixture(scope="module")
def province(data):
    return td.load(data)


def test_what_is_advised_next_works_on_one_of_several_blocs(data, monkeypatch, capsys):
    monkeypatch.chdir(data.parent)
    print_next("vi")
    said = capsys.readouterr().out
    command = re.search(r'thidua status --year \d+ --data "(.+?)"', said)
    assert load_bloc(Path(command[1])).id in SENT


def copied(data, folder):
    """The same blocs in a new place, not built."""
    shutil.copytree(data / "raw", folder / "data" / "raw")
    return folder / "data"


def stored(data):
    home = data / "processed"
    return {
        p.relative_to(home).as_posix(): p.read_bytes()
        for p in sorted(home.rglob("*"))
        if p.is_file() and p.suffix != ".lock"
    }


def told(frame):
    return [{name: row.get(name) for name in ("bloc", "year", *PARTS)} for row in listed(frame)]


@pytest.fixture(scope="module")
def alone(data):
    """The blocs that have sent something, each opened by itself."""
    return {bloc: td.load(data / "raw" / bloc) for bloc in ("khoi-mot", "khoi-hai")}


@pytest.mark.parametrize("name", sorted(functions()))
def test_an_indicator_by_bloc_says_of_each_what_it_says_alone(province, alone, name):
    both = functions()[name](province, by=["bloc", "year"])
    for bloc, by_itself in alone.items():
        own = both[(both.bloc == bloc) & both.year.isin(by_itself.years)]
        assert told(own) == told(functions()[name](by_itself, by=["bloc", "year"])), bloc
        assert told(functions()[name](province.filter(bloc=bloc), by=["bloc", "year"])) == told(own)


@pytest.mark.parametrize("name", ["commendations", "non_leader_share", "targets_met", "sent"])
def test_the_parts_of_blocs_add_up_exactly(province, name):
    by_bloc = listed(functions()[name](province, by=["bloc", "year"]))
    together = listed(functions()[name](province, by="year"))
    assert len(together) == 2
    for row in together:
        own = [one for one in by_bloc if one["year"] == row["year"]]
        for part in ("numerator", "denominator", "reporting", "expected"):
            given = [one[part] for one in own if one[part] is not None]
            assert row[part] == (sum(given) if given else None), part


def test_one_name_and_several_are_the_same_breakdown(province):
    one = td.indicators.commendations(province, by="bloc")
    assert told(one) == told(td.indicators.commendations(province, by=["bloc"]))
    assert list(one.bloc) == ["khoi-ba", "khoi-hai", "khoi-mot"]
    assert one.attrs["names"]["bloc"]["khoi-hai"] == "Khối khoi-hai"


def test_a_bloc_that_has_sent_nothing_is_expected_and_missing(province):
    sent = td.indicators.sent(province, by="bloc", year=2023).set_index("bloc")
    assert list(sent.text) == ["0/6", "3/6", "3/6"]
    assert all(member.startswith("khoi-ba.") for member in sent.missing["khoi-ba"])


def test_members_of_two_blocs_are_two_and_their_cells_are_found(province):
    assert {"khoi-mot.hnd", "khoi-hai.hnd"} <= set(province.members)
    figures = td.indicators.commendations(province, by=["member"], year=2023)
    cells = td.trace(figures[figures.member == "khoi-hai.hnd"].iloc[0])
    assert set(cells.file) == {"khoi-hai/2023/hnd.xlsx"}
    assert (province.folder / "raw" / cells.file.iloc[0]).is_file()


def test_each_bloc_ranks_by_its_own_points(province):
    ranks = td.indicators.ranking(province, 2023)
    assert set(ranks.bloc) == {"khoi-mot"}
    assert set(ranks["rank"]) == {1, 2, 3, 4, 5, 6}


def test_filter_names_an_unknown_bloc(province):
    with pytest.raises(UsageError, match="bloc-unknown"):
        province.filter(bloc="khoi-bon")


def test_a_single_bloc_says_its_bloc_as_well(samples):
    assert set(samples.commendations.bloc) == {samples.bloc.id}
    assert list(td.indicators.commendations(samples, by="bloc").bloc) == [samples.bloc.id]


def thidua(*arguments, cwd=None):
    command = [sys.executable, "-m", "thidua_analysis.cli.app", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd)


def test_a_command_for_one_bloc_asks_which(data):
    done = thidua("status", "--year", 2023, "--data", data)
    assert done.returncode == 2
    assert "3 khối: khoi-ba, khoi-hai, khoi-mot" in done.stderr
    done = thidua("status", "--year", 2023, "--data", data / "raw" / "khoi-hai")
    assert done.returncode in (0, 1)
    assert "LHPN" in done.stdout


def test_build_says_what_it_did_with_all(data, tmp_path):
    place = copied(data, tmp_path)
    (place / "raw" / "khoi-hai" / "2023" / "hnd.xlsx").write_bytes(b"no spreadsheet")
    done = thidua("build", "--data", place)
    assert done.returncode == 3, done.stderr
    assert "10 tệp" in done.stdout
    assert "khoi-hai/2023/hnd.xlsx" in done.stdout
    again = json.loads(thidua("build", "--data", place, "--json").stdout)
    assert again["blocs"]["khoi-mot"] == {"changed": False, "files": 7}


def test_one_bloc_that_cannot_be_built_keeps_no_other_from_it(data, tmp_path):
    place = copied(data, tmp_path)
    (place / "raw" / "khoi-hai" / "bloc.toml").write_text("id = 1", encoding="utf-8")
    with pytest.raises(ConfigError, match="khoi-hai"):
        pipeline.build(place)
    assert stored(place).keys() >= {"khoi-mot/manifest.json"}


def test_blocs_beside_a_bloc_and_two_of_one_id_are_refused(data, tmp_path):
    place = copied(data, tmp_path)
    shutil.copytree(place / "raw" / "khoi-hai", place / "raw" / "khoi-hai-2")
    with pytest.raises(ConfigError, match="bloc-same-id"):
        td.load(place)
    shutil.copy(RAW / "bloc.toml", place / "raw")
    with pytest.raises(ConfigError, match="bloc-and-blocs"):
        td.load(place)


def test_a_bloc_alone_is_stored_as_before_and_beside_others_alike(data, tmp_path):
    alone = tmp_path / "data"
    shutil.copytree(data / "raw" / "khoi-mot", alone / "raw")
    pipeline.build(alone)
    own = {f"khoi-mot/{name}": content for name, content in stored(alone).items()}
    assert own == {n: c for n, c in stored(data).items() if n.startswith("khoi-mot/")}


def test_order_and_bytes_do_not_depend_on_the_executor(data, tmp_path):
    place = copied(data, tmp_path)
    with ThreadPoolExecutor(3) as threads:
        assert pipeline.build(place, executor=threads).files == 10
        assert not pipeline.build(place, executor=threads).changed
    assert stored(place) == stored(data)


def test_files_of_one_bloc_are_read_by_an_executor_too(data, tmp_path):
    place = copied(data, tmp_path)
    with ThreadPoolExecutor(2) as threads:
        done = pipeline.build(place / "raw" / "khoi-mot", executor=threads)
    assert done.manifest["files"][0]["file"] == "2022/hnd.xlsx"
    assert stored(place).items() <= stored(data).items()


def test_a_worker_with_another_program_is_refused(data, tmp_path, monkeypatch):
    place = copied(data, tmp_path)
    monkeypatch.setattr(made, "reading", iter("abcdefgh").__next__)
    with ThreadPoolExecutor(1) as threads, pytest.raises(UsageError) as wrong:
        pipeline.build(place, executor=threads)
    assert wrong.value.key == "blocs-failed"
    assert wrong.value.__cause__.key == "engine-other-program"


def test_data_under_an_address_are_built_and_opened(data):
    fsspec = pytest.importorskip("fsspec")
    store = fsspec.filesystem("memory")
    store.put(str(data / "raw"), "/tinh/data/raw", recursive=True)
    try:
        assert pipeline.build("memory://tinh/data").files == 10
        assert not pipeline.build("memory://tinh/data").changed
        found = {
            path.removeprefix("/tinh/data/processed/"): store.cat_file(path)
            for path in store.find("/tinh/data/processed")
        }
        assert found == {n: c for n, c in stored(data).items() if not n.endswith(".gitkeep")}
        opened, here = td.load("memory://tinh/data"), td.load(data)
        by = ["bloc", "year"]
        assert told(td.indicators.sent(opened, by=by)) == told(td.indicators.sent(here, by=by))
    finally:
        store.rm("/tinh", recursive=True)


def test_the_command_names_an_address_as_it_was_given(data, tmp_path):
    pytest.importorskip("fsspec")
    address = copied(data, tmp_path).as_uri()
    done = thidua("build", "--data", f"{address}/", "--lang", "en")
    assert f"wrote {address}/processed." in done.stdout


@pytest.mark.parametrize("bloc", ["", "/raw/mot"])
def test_an_error_names_the_address_not_its_copy(tmp_path, bloc):
    pytest.importorskip("fsspec")
    folder = add_bloc(tmp_path / "data", "mot", {})
    (folder / "bloc.toml").write_text("id = 1", encoding="utf-8")
    address = f"{(tmp_path / 'data').as_uri()}{bloc}"
    with pytest.raises(ConfigError) as error:
        pipeline.build(address)
    assert error.value.params["file"] == f"{(tmp_path / 'data').as_uri()}/raw/mot/bloc.toml"


def test_many_blocs_in_memory_are_built_where_they_are(tmp_path):
    fsspec = pytest.importorskip("fsspec")
    store = fsspec.filesystem("memory")
    for name in ("a", "b", "c", "d"):
        add_bloc(tmp_path / "data", name, {2023: ["hnd"]})
    store.put(str(tmp_path / "data"), "/nhieu/data", recursive=True)
    try:
        assert pipeline.build("memory://nhieu/data").changed
        assert not pipeline.build("memory://nhieu/data").changed
        assert td.load("memory://nhieu/data").years == (2023,)
    finally:
        store.rm("/nhieu", recursive=True)


def test_an_address_that_nobody_knows_is_told(tmp_path):
    with pytest.raises(UsageError, match="remote-unknown"):
        pipeline.build("nowhere://tinh/data")


def test_a_scheduler_goes_with_dask_only(data):
    done = thidua("build", "--data", data, "--scheduler", "tcp://127.0.0.1:1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--engine dask" in done.stderr


def test_without_dask_the_message_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="engine-not-installed"), engine("dask"):
        pass


def slow_reader(path, bloc):
    """Read a file; the first process to read one dies of it, as one that is killed."""
    mark = Path(os.environ["THIDUA_TEST_MARK"])
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return pipeline.read_file(path, bloc)
    return os.kill(os.getpid(), signal.SIGKILL)


class Ending(ThreadPoolExecutor):
    """An executor that ends in the middle: it lets go of what waits, and takes no more."""

    def submit(self, *work):
        taken = super().submit(*work)
        self.shutdown(wait=True, cancel_futures=True)
        return taken


class Emptied(Ending):
    def submit(self, *work):
        future = Future()
        future.cancel()
        return future


@pytest.mark.parametrize("executor", [Ending, Emptied])
def test_that_an_executor_ended_is_told_not_that_blocs_are_wrong(data, tmp_path, executor):
    place = copied(data, tmp_path)
    with pytest.raises(UsageError, match="engine-gone"):
        pipeline.build(place, executor=executor(1))
    pipeline.build(place)
    assert stored(place) == stored(data)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_dask_gives_the_same_bytes_though_a_worker_is_killed(data, tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setenv("THIDUA_TEST_MARK", str(tmp_path / "killed"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), *sys.path]))
    place = copied(data, tmp_path)
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True
    )
    with cluster, engine("dask", cluster.scheduler_address) as executor:
        assert sum(executor._client.nthreads().values()) == 2  # by it things are handed out
        assert pipeline.build(place, executor=executor, reader=slow_reader).files == 10
    assert (tmp_path / "killed").exists()
    assert stored(place) == stored(data)


@pytest.mark.slow
def test_the_command_builds_by_dask(data, tmp_path):
    pytest.importorskip("distributed")
    place = copied(data, tmp_path)
    done = thidua("build", "--data", place, "--engine", "dask", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["blocs"]["khoi-hai"] == {"changed": True, "files": 3}
    assert stored(place) == stored(data)


@pytest.mark.slow
def test_no_answer_from_a_scheduler_is_told(data, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("thidua_analysis.parallel._SECONDS_TO_CONNECT", 1)
    with pytest.raises(UsageError, match="engine-no-answer"), engine("dask", "tcp://127.0.0.1:9"):
        pass


def test_the_bloc_of_a_store_is_as_the_file_says(data):
    assert disk.read(data / "raw" / "khoi-hai").manifest["bloc"] == "khoi-hai"
    assert load_bloc(data / "raw" / "khoi-hai").label == "Khối khoi-hai"


@pytest.fixture(scope="module")
def reported(data, tmp_path_factory):
    """The report of all blocs together, and what the command said."""
    home = tmp_path_factory.mktemp("reported")
    place = copied(data, home)
    shutil.copytree(Path(__file__).parents[1] / "notebooks", home / "notebooks")
    (home / "reports" / "khoi-mot" / "2023").mkdir(parents=True)
    (home / "reports" / "khoi-mot" / "2023" / "index.html").write_text("…", encoding="utf-8")
    return home, thidua("report", "--year", 2023, "--data", place)


@pytest.mark.slow
def test_a_report_adds_the_blocs_up_and_leads_to_those_of_each(reported):
    home, done = reported
    assert done.returncode == 0, done.stderr
    assert "--blocs" in done.stdout
    front = (home / "reports" / "2023" / "index.html").read_text(encoding="utf-8")
    assert '<a href="../khoi-mot/2023/index.html">Khối khoi-mot</a>' in front
    assert "../khoi-hai/2023" not in front
    assert "6/18 đơn vị" in front
    page = (home / "reports" / "2023" / "01-tong-quan.html").read_text(encoding="utf-8")
    assert page.count('<figure class="chart"') == 5
    assert "Toàn tỉnh" in page
    assert "Nhóm" not in page


@pytest.mark.slow
def test_a_report_of_blocs_of_which_nothing_has_changed_is_kept(reported, tmp_path):
    home = shutil.copytree(reported[0], tmp_path / "home")
    page = home / "reports" / "2023" / "01-tong-quan.html"
    before = page.stat().st_mtime_ns
    again = thidua("report", "--year", 2023, "--why", "--data", home / "data")
    assert again.returncode == 0, again.stderr
    assert "Làm lại" not in again.stdout
    assert page.stat().st_mtime_ns == before
    bloc = home / "data" / "raw" / "khoi-mot" / "bloc.toml"
    own = bloc.read_text(encoding="utf-8").replace("Khối khoi-mot", "Khối một")
    bloc.write_text(own, encoding="utf-8")
    again = thidua("report", "--year", 2023, "--why", "--data", home / "data")
    assert "khoi-mot/bloc.toml" in again.stdout
    told = page.read_text(encoding="utf-8")
    assert "Khối một" in told
    assert "Khối khoi-mot" not in told
    (home / "data" / "raw" / "khoi-hai" / "2023" / "dtn.xlsx").unlink()
    again = thidua("report", "--year", 2023, "--why", "--data", home / "data")
    assert "khoi-hai/2023/dtn.xlsx" in again.stdout
    assert page.stat().st_mtime_ns > before


@pytest.mark.slow
def test_the_pack_is_made_for_one_bloc(data):
    done = thidua("export", "--year", 2023, "--data", data)
    assert done.returncode == 2
    assert "raw/<khối>" in done.stderr


def test_the_board_of_all_names_no_day_since_each_bloc_has_its_own(province):
    assert "<caption>Từng đơn vị, năm 2023</caption>" in publish.board(province, 2023).html
