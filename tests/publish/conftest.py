"""The sample submissions, read once for all tests of this folder."""

import os
import shutil
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def built(tmp_path_factory, request):
    """Data folder of the samples as read; tests that change it copy it first."""
    import thidua_analysis as td

    base = tmp_path_factory.getbasetemp()
    base = base.parent if hasattr(request.config, "workerinput") else base
    data, done, lock = base / "built" / "data", base / "built.done", base / "built.lock"
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        for _ in range(600):
            if done.exists():
                return data
            time.sleep(0.2)
        raise TimeoutError(data) from None
    shutil.copytree(ROOT / "data" / "raw", data / "raw")
    td.load(data)
    done.touch()
    return data
