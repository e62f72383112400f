"""What is below the pages knows nothing of them, so that links are made in one place."""

import ast
from pathlib import Path

import pytest

import thidua_analysis

PACKAGE = Path(thidua_analysis.__file__).parent
BELOW = [
    *PACKAGE.glob("charts/*.py"),
    *PACKAGE.glob("indicators/*.py"),
    *(PACKAGE / f"{name}.py" for name in ("claims", "formulas", "lineage", "links", "register")),
]


@pytest.mark.parametrize("path", BELOW, ids=lambda path: path.stem)
def test_charts_and_what_they_are_made_of_import_no_room_above(path):
    named = [
        name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [
                alias.name for alias in getattr(node, "names", []) if isinstance(node, ast.Import)
            ]
        )
    ]
    above = ("publish", "pipeline", "exchange", "cli")
    assert not [n for n in named if n.startswith(tuple(f"thidua_analysis.{a}" for a in above))]
