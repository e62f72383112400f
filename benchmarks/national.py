"""Thousands of blocs: cost a workbook, memory of the process that waits, by Dask's workers too.

``BENCH_WORKBOOKS`` is the largest number of workbooks, 2,000 where nothing is said.
"""

import json
import os
import random
import re
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import islice
from pathlib import Path

import thidua_analysis as td
from benchmarks._results import ROOT, Result, peak
from thidua_analysis.form.bloc import load_bloc

LARGEST = int(os.environ.get("BENCH_WORKBOOKS", "2000"))
SMALLEST = 200
SIZES = sorted({SMALLEST, *(size for size in (2_000, 20_000) if size < LARGEST), LARGEST})
#: More than these do not fit in the memory of every machine when they are opened at once.
_OPENED = 2_000
#: Workbooks built by one worker of Dask, then by two.
BY_DASK, ROUNDS = 600, 3
YEAR, SEED = "2023", 15
RAW = ROOT / "tests" / "sample" / "data" / "raw"
#: Of so many blocs one has a workbook with errors, one the old format.
_WRONG, _OLD = 10, 50
#: Sheets whose numbers change, all of a sheet by one factor: totals and parts stay consistent.
_COUNTED = ("Khen thưởng", "Chỉ tiêu", "Kết quả phong trào", "Sáng kiến")
_FACTORS = range(1, 10)
_ROW = re.compile(rb"<row .*?</row>", re.S)
_NUMBER = re.compile(
    rb'(<c r="[B-Z]+[0-9]+"(?: s="[0-9]+")?(?: t="n")?>(?:<f[^>]*>[^<]*</f>)?<v>)'
    rb"([0-9]{1,12})(?=</v>)"
)
#: Days of a year and of those about it, as numbers.
_DAYS = range(44_500, 45_500)
_DAY = re.compile(r"\b[0-3][0-9]/([01][0-9])/2023")
_REPORT = re.compile(r"số [0-9]+")
_LOCAL, _CENTRAL, _END = "<4s5H3I2H", "<4s6H3I5H2I", "<4s4H2IH"


class Part:
    """A compressed part of a workbook, ready to be written again and again."""

    def __init__(self, name: str, content: bytes) -> None:
        press = zlib.compressobj(1, zlib.DEFLATED, -15)
        self.name, self.packed = name.encode(), press.compress(content) + press.flush()
        self.sizes = zlib.crc32(content), len(self.packed), len(content)


def packed(parts: list[Part]) -> bytes:
    """Return a zip container; the library's own compresses every part anew, at ten times the cost.

    The entries are those of APPNOTE.TXT 4.3.7, 4.3.12 and 4.3.16.
    """
    body, directory = bytearray(), bytearray()
    for part in parts:
        common = 20, 0, 8, 0, 0x21, *part.sizes, len(part.name), 0
        directory += struct.pack(_CENTRAL, b"PK\1\2", 20, *common, 0, 0, 0, 0, len(body))
        directory += part.name
        body += struct.pack(_LOCAL, b"PK\3\4", *common) + part.name + part.packed
    end = b"PK\5\6", 0, 0, len(parts), len(parts), len(directory), len(body), 0
    return bytes(body + directory + struct.pack(_END, *end))


class Template:
    """A sample workbook whose numbers, days and texts change with every copy."""

    def __init__(self, path: Path, member: str, name: str) -> None:
        with zipfile.ZipFile(path) as book:
            content = {one: book.read(one) for one in book.namelist()}
        listed = content["xl/workbook.xml"].decode()
        sheets = re.findall(r'<sheet name="([^"]+)"', listed)
        self.texts = content.pop("xl/sharedStrings.xml").decode().replace(member, name)
        self.parts: list[list[Part]] = []
        for one, said in content.items():
            number = re.fullmatch(r"xl/worksheets/sheet([0-9]+)\.xml", one)
            counted = number and sheets[int(number[1]) - 1] in _COUNTED
            factors = _FACTORS if counted else _FACTORS[:1]
            self.parts.append([Part(one, _times(said, factor)) for factor in factors])
        #: many more women than people
        wrong = _NUMBER.sub(rb"\g<1>999\2", content["xl/worksheets/sheet2.xml"], count=9)
        self.wrong = Part("xl/worksheets/sheet2.xml", wrong)

    def copy(self, chance: random.Random, *, wrong: bool) -> bytes:
        """Return a workbook with other numbers, days and texts."""
        texts = _DAY.sub(lambda m: f"{chance.randint(1, 28):02}/{m[1]}/2023", self.texts)
        texts = _REPORT.sub(lambda m: f"số {chance.randint(1, 900)}", texts)
        parts = [chance.choice(several) for several in self.parts]
        if wrong:
            parts = [self.wrong if part.name == self.wrong.name else part for part in parts]
        return packed([*parts, Part("xl/sharedStrings.xml", texts.encode())])


def _times(sheet: bytes, factor: int) -> bytes:
    """Return a sheet with numbers so many times as large, and days so many days later."""

    def other(found: re.Match[bytes]) -> bytes:
        value = int(found[2])
        changed = value + factor - 1 if value in _DAYS else value * factor
        return found[1] + str(changed).encode()

    def row(found: re.Match[bytes]) -> bytes:
        counts = [value for _, value in _NUMBER.findall(found[0])][:3] == [b"1", b"2", b"3"]
        return found[0] if counts else _NUMBER.sub(other, found[0])

    return _ROW.sub(row, sheet)


@cache
def templates() -> dict[str, Template]:
    """A template of each member of the bloc, from the samples of a year."""
    found = {}
    for member in load_bloc(ROOT / "tests" / "sample" / "data").members:
        path = RAW / YEAR / f"{member.id}.xlsx"
        like = path if path.exists() else RAW / YEAR / "hnd.xlsx"
        found[member.id] = Template(like, "Hội Nông dân tỉnh", member.name)
    return found


def generate(data: Path, workbooks: int) -> None:
    """Fill a data folder with blocs of six members each, with the same files whenever it runs."""
    said = (RAW / "bloc.toml").read_text(encoding="utf-8")
    for first in range(0, workbooks, len(templates())):
        at, name = first // len(templates()), f"khoi-{first // len(templates()):05}"
        chance, home = random.Random(f"{SEED} {at}"), data / "raw" / name
        (home / YEAR).mkdir(parents=True)
        own = said.replace('id = "laichau-mttq-doan-the"', f'id = "{name}"')
        (home / "bloc.toml").write_text(own, encoding="utf-8")
        for member, template in islice(templates().items(), workbooks - first):
            if member == "ccb" and at % _OLD == 0:
                shutil.copy(RAW / YEAR / "ccb.xls", home / YEAR)
                continue
            made = template.copy(chance, wrong=member == "mttq" and at % _WRONG == 1)
            (home / YEAR / f"{member}.xlsx").write_bytes(made)


def _spent() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def build(data: str, workers: int = 0) -> None:
    """Build blocs by this machine, or by so many workers of Dask."""
    if not workers:
        td.build(data)
        return
    from distributed import Client, LocalCluster

    alone = {"threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(n_workers=workers, **alone) as cluster, Client(cluster) as client:
        client.run(exec, "import thidua_analysis.store.disk")
        _told(lambda: td.build(data, executor=client.get_executor(pure=False)))


def load(data: str) -> None:
    """Open all blocs at once and compute one indicator of each."""
    frame = td.indicators.women_share(td.load(data), by=["bloc", "year"])
    assert len(frame) == len(list(Path(data, "raw").iterdir()))


def _told(work: Callable[[], None]) -> None:
    """Print what it takes to do something; memory is that of this process alone."""
    start, spent = time.perf_counter(), _spent()
    work()
    told = {"wall": time.perf_counter() - start, "spent": _spent() - spent, "peak": peak()}
    print(json.dumps(told), flush=True)


def _in_child(what: str, data: Path, *arguments: str) -> dict[str, float]:
    """What a process of its own tells of its work; only what was sent is there before."""
    if what == "build":
        shutil.rmtree(data / "processed", ignore_errors=True)
    command = [sys.executable, "-m", "benchmarks.national", what, str(data), *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measure() -> Iterator[Result]:
    """Yield cost and memory by number of workbooks, then what a second worker of Dask saves."""
    with tempfile.TemporaryDirectory() as folder:
        places = {size: Path(folder) / str(size) for size in SIZES}
        built: dict[int, dict[str, float]] = {}
        for size, data in places.items():
            start = time.process_time()
            generate(data, size)
            made = (time.process_time() - start) / size
            yield Result(f"{size:,} workbooks: generated, each", made * 1000, 3, "ms")
            turns = [_in_child("build", data) for _ in range(ROUNDS if size < 1000 else 1)]
            built[size] = {name: statistics.median(t[name] for t in turns) for name in turns[0]}
            told = built[size]
            yield Result("– built, each", told["spent"] / size * 1000, None, "ms")
            yield Result("– built, each, wall time", told["wall"] / size * 1000, None, "ms")
            yield Result("– memory of the process that waits", told["peak"], None, "MiB")
            again = _in_child("build-again", data)
            yield Result("– built again, nothing changed", again["spent"], None, "s")
            if size <= _OPENED:
                opened = _in_child("load", data)
                yield Result("– `td.load` and one indicator by bloc", opened["spent"], None, "s")
                yield Result("– memory of it", opened["peak"], None, "MiB")
        few, many = built[SIZES[0]], built[SIZES[-1]]
        each = (many["spent"] / SIZES[-1]) / (few["spent"] / SIZES[0])
        said = f"{SIZES[-1]:,} workbooks / {SIZES[0]:,}"
        yield Result(f"{said}: time a workbook", each, 1.2)
        yield Result(f"{said}: memory of the process that waits", many["peak"] / few["peak"], 1.5)
        data = Path(folder) / "dask"
        generate(data, BY_DASK)
        pairs = [[_in_child("build", data, n)["wall"] for n in ("1", "2")] for _ in range(ROUNDS)]
        two = statistics.median(two / one for one, two in pairs)
        yield Result(f"{BY_DASK} workbooks by Dask, wall time: 2 workers / 1", two, 0.65)


def main() -> None:
    """Do one thing in this process and print what it took."""
    what, data, *rest = sys.argv[1:]
    if rest:
        build(data, int(rest[0]))
    else:
        _told(partial(load if what == "load" else build, data))


if __name__ == "__main__":
    main()
