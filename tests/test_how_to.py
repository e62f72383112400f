"""Whoever follows the words of the README and of docs/how-to.md gets where they lead."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FUNCTION = '''

@indicator
def {name}(ds: Dataset, by: By = ("year",), **scope: Any) -> pd.DataFrame:
    """Count movements under another name."""
    return movements(ds, by, **scope)
'''


def run(command, folder, package=ROOT / "src"):
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "THIDUA_DATA"}
        | {"PYTHONPATH": str(package)},
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_the_year_of_the_readme_runs_line_by_line_in_the_new_folder(tmp_path, name):
    text = (ROOT / name).read_text("utf-8")
    (block,) = (b for b in re.findall(r"```sh\n(.*?)```", text, re.S) if "thidua init" in b)
    block = block.replace("Sơn La", "Lai Châu").replace("2026", "2023").replace("2027", "2024")
    received = tmp_path / "received"
    shutil.copytree(ROOT / "tests" / "sample" / "data" / "raw" / "2023", received)
    block = re.sub(r"(?<=thidua add )\S+", f"'{received}'", block)
    thidua = f"thidua() {{ '{sys.executable}' -m thidua_analysis \"$@\"; }}\n"
    done = run(["sh", "-ec", thidua + block], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    own = tmp_path / "khoi-moi" / "reports"
    assert (own / "2023" / "index.html").is_file()
    assert (own / "2023" / "hoi-nghi").is_dir()
    assert (own / "2024" / "mau-bao-cao").is_dir()
    assert not (tmp_path / "reports").exists()


def test_an_indicator_takes_the_edits_that_the_page_lists_and_no_more(tmp_path):
    package = tmp_path / "src" / "thidua_analysis"
    shutil.copytree(
        ROOT / "src" / "thidua_analysis", package, ignore=shutil.ignore_patterns("__pycache__")
    )
    room = package / "indicators"
    counts, words, names = room / "counts.py", room / "dictionary.toml", room / "__init__.py"
    with counts.open("a", encoding="utf-8") as file:
        file.write(FUNCTION.format(name="movements_again"))
    entry = re.search(r"^\[movements\]\n.*?\n\n", words.read_text("utf-8"), re.S | re.M)
    with words.open("a", encoding="utf-8") as file:
        file.write("\n" + entry.group().replace("[movements]", "[movements_again]"))
    listed = names.read_text("utf-8").replace(
        "    movements,\n", "    movements,\n    movements_again,\n"
    )
    names.write_text(
        listed.replace('    "movements",\n', '    "movements",\n    "movements_again",\n'), "utf-8"
    )
    shutil.copytree(ROOT / "tests" / "sample" / "data" / "raw", tmp_path / "data" / "raw")
    asked = (
        "import thidua_analysis as td; ds = td.load('data'); i = td.indicators\n"
        "assert 'movements_again' in dir(i) and 'movements_again' in i.functions()\n"
        "assert i.movements_again(ds).value.tolist() == i.movements(ds).value.tolist()\n"
    )
    done = run([sys.executable, "-c", asked], tmp_path, tmp_path / "src")
    assert done.returncode == 0, done.stderr
