"""One plain script that draws the charts of all notebooks and writes the same pages."""

import ast
import json
import os
import sys
from pathlib import Path


def shown(source: str, names: dict[str, object]) -> list[object]:
    """Run the lines of a cell; return what it displays."""
    tree, values = ast.parse(source), []
    names["display"] = values.append
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if last is not None:
        values.append(eval(compile(ast.Expression(last.value), "cell", "eval"), names))
    return [value for value in values if value is not None]


def main(data: Path, notebooks: Path, out: Path, year: int) -> None:
    """Write the report without kernels, shells or processes of its own."""
    os.environ["THIDUA_DATA"] = str(data)
    import thidua_analysis as td
    from thidua_analysis.publish import page, status

    ds = status.up_to(td.load(data), year)
    parts = []
    for path in sorted(notebooks.glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        names: dict[str, object] = {}
        for cell in notebook["cells"]:
            if cell["cell_type"] != "code":
                continue
            values = shown("".join(cell["source"]), names)
            if "parameters" in cell["metadata"].get("tags", []):
                names["year"] = year
            if "opening" in cell["metadata"].get("tags", []):
                values.insert(0, status.status(names["ds"], year))
            cell["outputs"] = [
                {
                    "output_type": "display_data",
                    "data": {"text/html": value._repr_html_()},
                    "metadata": {},
                }
                for value in values
                if hasattr(value, "_repr_html_")
            ]
        parts.append(page.part_of(path.name, notebook))
    out.mkdir(parents=True, exist_ok=True)
    pages = page.Pages.of(ds, year, parts, "").all(ds)
    for name, written in pages.items():
        (out / name).write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
