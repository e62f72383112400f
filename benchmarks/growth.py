"""How time, memory and pages grow with years and members: frames, a report, its page of sources."""

import datetime as dt
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl

from benchmarks._results import ROOT, Result, peak
from thidua_analysis.vietnamese.text import key

RAW = ROOT / "tests" / "sample" / "data" / "raw"
#: Members and years of what is measured; the first is what the others are compared with.
SHAPES = ((6, 3), (6, 20), (60, 3))
#: Frames at 20 years may take so many times those at 3.
BOUND = 8.0
LAST, SAMPLES = 2023, (2021, 2022, 2023)
_YEAR = re.compile(r"\b20(?:19|2\d)\b")
#: Where the bloc's file names members line by line, and where all of them stand.
_NAMED, _OF_ALL = ("Thẩm định", "Bỏ phiếu", "Suy tôn"), "Thẩm định"


def generate(data: Path, members: int, years: int) -> None:
    """Fill a data folder with the sample files under other names and years."""
    (data / "raw").mkdir(parents=True)
    said = (RAW / "bloc.toml").read_text(encoding="utf-8")
    own = {one["id"]: one for one in tomllib.loads(said)["members"]}
    names = {member: one["name"] for member, one in own.items()}
    if members > len(own):
        blocks = r"(?ms)^\[\[(?:members|roles)\]\]$.*?(?=^\[\[(?!members|roles)|^# )"
        rest = re.sub(blocks, "", said)
        names = {f"m{at:02}": f"Đơn vị số {at:02} tỉnh" for at in range(1, members + 1)}
        lines = (f'[[members]]\nid = "{m}"\nname = "{name}"\nshort = "Đơn vị {m[1:]}"\n'
                 for m, name in names.items())  # fmt: skip
        said = rest + "\n" + "\n".join(lines)
    (data / "raw" / "bloc.toml").write_text(said, encoding="utf-8")
    for sample in SAMPLES:
        copied = [year for year in range(LAST - years + 1, LAST + 1)
                  if (LAST - year) % len(SAMPLES) == LAST - sample]  # fmt: skip
        for year in copied:
            (data / "raw" / str(year)).mkdir()
        _copies(data, sample, copied, names, own)


def _copies(data: Path, sample: int, years: list[int], names: dict[str, str], own: Any) -> None:
    """Write the files of a year of samples for other years and members."""
    files = sorted(p for p in (RAW / str(sample)).glob("*.xlsx") if p.stem != "khoi")
    for number, file in enumerate(files):
        book = _Book(file, sample)
        for at, (member, name) in enumerate(names.items()):
            if member == file.stem or (member not in {f.stem for f in files}
                                       and at % len(files) == number):  # fmt: skip
                for year in years:
                    book.write(data / "raw" / str(year) / f"{member}.xlsx", year, name)
    bloc = _Book(RAW / str(sample) / "khoi.xlsx", sample)
    if len(names) > len(own):
        bloc.spread(list(names.values()), own)
    for year in years:
        bloc.write(data / "raw" / str(year) / "khoi.xlsx", year)


class _Book:
    """A sample file, written again and again for other years and members."""

    def __init__(self, file: Path, year: int) -> None:
        self.book, self.year = openpyxl.load_workbook(file), year
        self.cells = [(cell, cell.value) for sheet in self.book for row in sheet.iter_rows()
                      for cell in row if cell.value is not None]  # fmt: skip

    def write(self, file: Path, year: int, member: str = "") -> None:
        sheet = self.book.worksheets[0]
        for cell, value in self.cells:
            if isinstance(value, dt.datetime):
                value = value.replace(year=value.year + year - self.year, day=min(28, value.day))
            elif isinstance(value, int) and value in SAMPLES:
                value += year - self.year
            elif isinstance(value, str) and not value.startswith("="):
                value = _YEAR.sub(lambda m: str(int(m[0]) + year - self.year), value)
            cell.value = value
        for label, _ in self.cells if member else ():
            if label.parent is sheet and key(str(label.value)) == key("Đơn vị báo cáo"):
                sheet.cell(label.row, label.column + 1).value = member
        self.book.save(file)

    def spread(self, names: list[str], own: dict[str, Any]) -> None:
        """Name other members in the file of the bloc; where all stand, all of them."""
        spellings = {said: at for at, one in enumerate(own.values())
                     for said in (one["name"], one["short"], *one["aliases"])}  # fmt: skip
        for sheet in (self.book[name] for name in (*_NAMED, "Vai trò")):
            rows = list(sheet.iter_rows(min_row=2, values_only=True))
            place = 2 if sheet.title == "Vai trò" else 1
            rows = [row for row in rows if row[place] in spellings]
            sheet.delete_rows(2, len(rows) + 1)
            for name_at, name in enumerate(names):
                for row in rows:
                    every = sheet.title == _OF_ALL and name_at % len(own) == spellings[row[place]]
                    if every or (sheet.title != _OF_ALL and name_at == spellings[row[place]]):
                        sheet.append([*row[:place], name, *row[place + 1 :]])
        self.cells = [(cell, cell.value) for sheet in self.book for row in sheet.iter_rows()
                      for cell in row if cell.value is not None]  # fmt: skip


def _displayed(value: Any) -> None:
    """Show nothing, but make all that is shown."""
    if hasattr(value, "_repr_html_"):
        value._repr_html_()


class _NoCharts:
    """Draws nothing: frames are what is measured."""

    def __getattr__(self, name: str) -> Any:
        return lambda *frames, **words: None


def frames(data: Path) -> None:
    """Make every frame of the reports of all years, in one process, on one dataset."""
    import thidua_analysis as td
    from thidua_analysis.lineage import register

    ds = td.load(data)
    start = time.process_time()
    made = sum(1 for year in ds.years for _ in register.frames(ds, year))
    print(json.dumps({"seconds": time.process_time() - start, **_peak(), "frames": made}))


def notebooks(data: Path) -> None:
    """Run the cells of all notebooks without their charts, in one process, on one dataset."""
    os.environ["THIDUA_DATA"] = str(data)
    import thidua_analysis as td
    from thidua_analysis import indicators, publish

    ds = td.load(data)
    publish.opening = lambda *_, **__: ds
    start = time.process_time()
    names = {"charts": _NoCharts(), "indicators": indicators, "publish": publish,
             "display": _displayed}  # fmt: skip
    for source in _cells(ROOT / "notebooks"):
        code = "\n".join(line for line in source.splitlines() if "import charts" not in line
                         and not line.startswith("from thidua_analysis"))  # fmt: skip
        exec(code, names)
    print(json.dumps({"seconds": time.process_time() - start, **_peak()}))


def _cells(notebooks: Path) -> Iterator[str]:
    for path in sorted(notebooks.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield "".join(cell["source"])


def report(data: Path) -> None:
    """Write the report of the last year, without its PDF."""
    import thidua_analysis as td
    from thidua_analysis.publish.report import write_report

    ds, out = td.load(data), data.parent / "reports"
    start = _spent()
    done = write_report(ds, data, LAST, out, ROOT / "notebooks", pdf=False)
    assert not done.failed, done.failed
    sizes = {page: (done.folder / page).stat().st_size for page in done.pages}
    largest = max(size for page, size in sizes.items() if page.startswith("nguon-so-lieu"))
    told = {"largest sources MB": largest / 1e6, "full MB": sizes["bao-cao-day-du.html"] / 1e6}
    print(json.dumps({"seconds": _spent() - start, **_peak(), **told}))


#: What is measured, each in a process of its own.
MEASURED = {"frames": frames, "notebooks": notebooks, "report": report}


def _spent() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _peak() -> dict[str, float]:
    """Most memory of this process, or of one of its children, in MiB."""
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"memory, MiB": max(peak(), child)}


def measured(what: str, data: Path) -> dict[str, float]:
    """Measure in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.growth", what, str(data)]
    done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure() -> Iterator[Result]:
    """Yield what each shape takes, and how often what the smallest does."""
    import thidua_analysis as td

    base: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        for members, years in SHAPES:
            data = Path(name) / f"{members}x{years}" / "data"
            generate(data, members, years)
            td.load(data)
            for what in MEASURED:
                found = measured(what, data)
                spent = found.pop("seconds")
                said = f"{members} members × {years} years, {what}"
                yield Result(said, spent, None, "s")
                for part, value in found.items():
                    yield Result(f"– {part}", value)
                first = base.setdefault(what, spent)
                bound = BOUND if (what, years) == ("frames", 20) else None
                if spent is not first:
                    few = " × ".join(map(str, SHAPES[0]))
                    yield Result(f"{said} / those of {few}", spent / first, bound)


if __name__ == "__main__":
    MEASURED[sys.argv[1]](Path(sys.argv[2]))
