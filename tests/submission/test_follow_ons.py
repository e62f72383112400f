"""A finding that explains others stands alone."""

import shutil
from pathlib import Path

from thidua_analysis.submission import read_file

ROOT = Path(__file__).parents[2]


def test_days_are_not_blamed_where_the_year_itself_is_in_doubt(tmp_path, bloc):
    folder = tmp_path / "2022"
    folder.mkdir()
    shutil.copy(ROOT / "tests" / "sample" / "data" / "raw" / "2023" / "mttq.xlsx", folder)
    codes = {f.code for f in read_file(folder / "mttq.xlsx", bloc).findings}
    assert "year-mismatch" in codes
    assert "date-out-of-year" not in codes
