"""The set-up files say the same thing, and the light commands stay light."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "tests" / "sample"
OWNERS_PACKAGES = {"pandas", "matplotlib", "jupyterlab", "openpyxl", "nbconvert", "pytest"}
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def requirements():
    project = CONFIGURATION["project"]
    extras = project["optional-dependencies"].values()
    return {*project["dependencies"], *(one for extra in extras for one in extra)}


def name_of(requirement):
    return re.match(r"[\w.-]+", requirement)[0].lower()


def test_environment_yml_has_the_packages_and_bounds_of_pyproject():
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    listed = {m[1] for line in lines if (m := re.fullmatch(r"\s*- ([\w.-]+[<>=!~].*)", line))}
    python = f"python{CONFIGURATION['project']['requires-python']}"
    assert listed == requirements() | {python}


def test_the_owners_packages_are_there():
    assert {name_of(r) for r in requirements()} >= OWNERS_PACKAGES


def test_every_requirement_is_locked_with_a_hash():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    assert {name_of(r) for r in requirements()} <= locked
    entries = re.split(r"^(?=[\w.-]+==)", lock, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_lock_names_no_address():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|@ file:", lock)


def test_top_level_is_as_the_owner_fixed_it():
    fixed = ["notebooks", "src/thidua_analysis", "data/raw", "data/processed", "tests",
             "environment.yml", "README.md"]  # fmt: skip
    assert all((ROOT / name).exists() for name in fixed)


@pytest.mark.parametrize(
    "code",
    [
        "import thidua_analysis",
        "from thidua_analysis.cli import app, show",
        "import sys; sys.argv = ['thidua', 'check', 'data/raw/2023/mttq.xlsx']\n"
        "try:\n import thidua_analysis.cli.app as c; c.main()\nexcept SystemExit: pass",
        "import sys; sys.argv = ['thidua', 'rows', 'data/raw/2023/ldld.xlsx', '--json']\n"
        "try:\n import thidua_analysis.cli.app as c; c.main()\nexcept SystemExit: pass",
    ],
)
def test_checking_a_file_loads_neither_pandas_nor_matplotlib(code):
    heavy = "{'pandas', 'matplotlib', 'numpy', 'pyarrow', 'openpyxl', 'xlrd', 'IPython'}"
    tail = f"\nimport sys\nassert not {heavy} & set(sys.modules), {heavy} & set(sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code + tail], cwd=SAMPLE, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
