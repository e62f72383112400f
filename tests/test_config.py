"""TOML files that people edit: what is wrong is said in plain words, with file and line."""

import subprocess
import sys
import tomllib
from importlib import resources

import pytest

from thidua_analysis.exchange import late
from thidua_analysis.findings import ConfigError, UsageError
from thidua_analysis.form.bloc import FILE, load_bloc
from thidua_analysis.form.config import line_of
from thidua_analysis.messages import LANGUAGES, keys, message, text
from thidua_analysis.store import inputs

BLOC = """\
id = "khoi"
name = "Khối thi đua"
province = "Lai Châu"

[deadline]
year = 0
month = 12
day = 20

[[members]]
id = "hnd"
name = "Hội Nông dân tỉnh"
short = "Hội Nông dân"

[[members]]
id = "ccb"
name = "Hội Cựu chiến binh tỉnh"
short = "Hội CCB"
aliases = [
  "CCB tỉnh",
]

[[quotas]]
honour = "Cờ thi đua của UBND tỉnh"
places = 1

[[scoring]]
from_year = 2021
[scoring.conditions]
"Cờ thi đua của UBND tỉnh" = ["có sáng kiến"]
"""

WRONG = {
    "một dòng hỏng": ('day = 20', 'day = "20', "config-not-toml", 8),
    "ghi hai lần": ('month = 12', 'month = 12\nmonth = 11', "config-twice", 8),
    "trùng mã": ('id = "ccb"', 'id = "hnd"', "config-same-id", 16),
    "trùng cách ghi": ('"CCB tỉnh"', '"Hội Nông dân"', "config-same-spelling", 16),
    "trùng tên ngắn": ('short = "Hội CCB"', 'short = "HND"', "config-same-spelling", 16),
    "không có danh hiệu": (
        "Cờ thi đua của UBND tỉnh\"\np", "Cờ vàng\"\np", "config-unknown-award", 24,
    ),
    "điều kiện của danh hiệu lạ": (
        '"Cờ thi đua của UBND tỉnh" =', '"Cờ vàng" =', "config-unknown-award", 29,
    ),
    "ngày 30/02": ("month = 12\nday = 20", "month = 2\nday = 30", "config-no-such-day", 8),
    "ngày 29/02": ("month = 12\nday = 20", "month = 2\nday = 29", "config-no-such-day", 8),
    "chữ thay số": ("places = 1", 'places = "một"', "config-wants-whole", 25),
    "đúng sai thay số": ("places = 1", "places = true", "config-wants-whole", 25),
    "số thập phân": ("day = 20", "day = 20.0", "config-wants-whole", 8),
    "tháng 13": ("month = 12", "month = 13", "config-wants-bounds", 7),
    "số thay chữ": ('province = "Lai Châu"', "province = 12", "config-wants-text", 3),
    "tên trống": ('short = "Hội CCB"', 'short = " "', "config-wrong-entry", 18),
    "chữ thay danh sách": (
        'aliases = [\n  "CCB tỉnh",\n]', 'aliases = "CCB tỉnh"', "config-wants-list", 19,
    ),
    "danh sách thay bảng": ("[deadline]", "[[deadline]]", "config-wants-table", 5),
    "mục lạ": ("places = 1", "places = 1\nplace = 1", "config-unknown-entry", 26),
    "mục không ai đọc": (
        "from_year = 2021", "from_year = 2021\nballots = 6", "config-unknown-entry", 29,
    ),
    "lựa chọn lạ": ("from_year = 2021", 'decides = "bầu"', "config-wants-one-of", 28),
    "thiếu mục": ('name = "Hội Cựu chiến binh tỉnh"\n', "", "config-missing-entry", 15),
    "năm cuối trước năm đầu": (
        'short = "Hội CCB"', 'short = "Hội CCB"\nfirst_year = 2023\nlast_year = 2022',
        "config-years", 20,
    ),
}  # fmt: skip


def data_with(tmp_path, content, file=FILE):
    folder = tmp_path / "raw"
    folder.mkdir(exist_ok=True)
    (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path


def refusal(read, data):
    with pytest.raises(ConfigError) as refused:
        read(data)
    error = refused.value
    for lang in LANGUAGES:
        said = text(error.key, lang, **error.params)
        assert "?" not in said.replace("?)", "")
        assert str(error.params["file"]) in said
        assert str(error.params["line"]) in said
        assert not any(word in said for word in ("pydantic", "validation", "Traceback", "{"))
    return error.key, int(error.params["line"])


def test_the_bloc_of_these_tests_is_right(tmp_path):
    assert load_bloc(data_with(tmp_path, BLOC)).match_member("HỘI CCB Lai Châu") == "ccb"


@pytest.mark.parametrize(("right", "wrong", "key", "line"), WRONG.values(), ids=WRONG)
def test_a_wrong_entry_is_named_with_its_line(tmp_path, right, wrong, key, line):
    assert right in BLOC
    data = data_with(tmp_path, BLOC.replace(right, wrong, 1))
    assert refusal(load_bloc, data) == (key, line)


@pytest.mark.parametrize(
    ("encoded", "key", "line"),
    [
        (BLOC.encode("utf-8-sig"), "config-mark", 1),
        (BLOC.encode("utf-16"), "config-utf16", 1),
        (BLOC.encode("utf-16-be"), "config-utf16", 1),
        (BLOC.encode().replace("Nông".encode(), b"N\xf4ng"), "config-not-utf8", 12),
        (BLOC.encode() + b'[[quotas]]\nhonour = """x', "config-not-toml-end", 32),
    ],
)
def test_another_encoding_and_an_unfinished_file_are_named(tmp_path, encoded, key, line):
    assert refusal(load_bloc, data_with(tmp_path, encoded)) == (key, line)


@pytest.mark.parametrize(
    ("read", "file", "wrong", "key", "line"),
    [
        (inputs.read_receipts, "received.toml", '[[received]]\nfile = "2023/a.xlsx"\non = 20231220',
         "config-wants-day", 3),
        (inputs.read_receipts, "received.toml", '[[received]]\nfile = "a"\non = 2023-12-20\nby = "x"',  # noqa: E501
         "config-unknown-entry", 4),
        (inputs.load_corrections, "corrections.toml",
         '[[corrections]]\nfile = "a"\nsheet = "b"\ncell = "7G"\nexpected = ""\nreplacement = 1\n'
         'reason = "x"\nreported_on = 2024-01-05', "config-wrong-entry", 4),
        (inputs.load_corrections, "corrections.toml", "\ufeff[[corrections]]", "config-mark", 1),
        (late.published_years, "published.toml", "\ufeff[[claim]]", "config-mark", 1),
        (late.published_years, "published.toml", "[[claim]]\nyear 2023", "config-not-toml", 2),
        (inputs.load_limits, "limits.toml", "\ufeffcells = 5", "config-mark", 1),
        (inputs.load_limits, "limits.toml", "cells = 5\ncell = 5", "limit-unknown-at", 2),
        (inputs.load_limits, "limits.toml", "sheets = 5\ncells = true", "limit-wrong-at", 2),
    ],
)  # fmt: skip
def test_the_other_files_of_the_analyst_are_read_as_strictly(
    tmp_path, read, file, wrong, key, line
):
    assert refusal(read, data_with(tmp_path, wrong, file)) == (key, line)


def test_an_entry_of_a_list_inside_a_list_is_found():
    content = '[[a]]\n[[a.b]]\nx = 1\n[[a]]\n[[a.b]]\nx = 1\n[[a.b]]\n"x" = 2'
    assert line_of(content, ("a", 1, "b", 1, "x")) == 8
    assert line_of(content, ("a", 0, "b", 0, "missing")) == 2


@pytest.mark.parametrize("reason", ["", "  "])
def test_nobody_accepts_a_late_change_without_a_reason(reason):
    from thidua_analysis.cli.show import reasoned

    with pytest.raises(UsageError) as refused:
        reasoned(True, reason)
    assert "--reason" in text(refused.value.key, "vi") + text(refused.value.key, "en")
    assert reasoned(True, "công văn 12")
    assert not reasoned(False, reason)


def test_a_message_is_what_its_file_says():
    files = resources.files("thidua_analysis.messages").iterdir()
    told = [tomllib.loads(f.read_text("utf-8")) for f in files if f.name.endswith(".toml")]
    assert {key: entry for one in told for key, entry in one.items()} == {
        key: message(key) for key in keys()
    }


#: many new models of models, each first used by several threads at the same moment
AT_ONCE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from thidua_analysis.form import config

def model(inner):
    kinds = {f"n{number}": config.Text | None for number in range(12)}
    return type(config.Entry)(
        "Outer",
        (config.Entry,),
        {"__annotations__": {**kinds, "inner": dict[str, tuple[inner, ...]]}}
        | {"__module__": __name__, "inner": {}}
        | dict.fromkeys(kinds),
        frozen=True,
        kw_only=True,
    )

def use(outer):
    met.wait()
    config.converted(outer, {"inner": {"a": [{"n1": "x", "inner": {"b": [{}]}}]}}, "x.toml")

sys.setswitchinterval(1e-6)
met = Barrier(4)
with ThreadPoolExecutor(4) as threads:
    for _ in range(60):
        outer = str
        for _ in range(12):
            outer = model(outer)
        list(threads.map(use, [outer] * 4))
"""


def test_threads_that_read_settings_at_the_same_moment_do_not_crash():
    done = subprocess.run([sys.executable, "-c", AT_ONCE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
