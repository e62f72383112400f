"""What lets nbconvert and JupyterLab write the same page: a preprocessor and an exporter."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import Preprocessor

from thidua_analysis.messages import text
from thidua_analysis.publish.prepare import Page, look

NAME = "thidua"
FOLDER = Path(str(files(__package__) / "templates"))


class PagePreprocessor(Preprocessor):
    """Puts the parts of the page and the look of the template where the template reads them."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Prepare a notebook; one that is prepared already stays as it is."""
        if "page" not in resources:
            page = Page()
            page.add(nb.cells)
            name = str(resources.get("metadata", {}).get("name", ""))
            resources["page"] = {
                "title": page.title or name,
                "contents": page.contents,
                "parts": page.parts,
                "pages": [],
            }
        resources["look"] = look()
        return nb, resources


class ThiduaExporter(HTMLExporter):
    """Writes a notebook as a page of the report; in JupyterLab under Save and Export."""

    export_from_notebook = text("page-exporter")

    def __init__(self, **options: Any) -> None:
        options.setdefault("template_name", NAME)
        options.setdefault("extra_template_basedirs", [str(FOLDER)])
        super().__init__(**options)  # type: ignore[no-untyped-call]

    def from_notebook_node(
        self, nb: Any, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Write the page as the template gives it.

        The class above reads the whole page again to add alternative texts; here every picture
        has one.
        """
        return super(HTMLExporter, self).from_notebook_node(nb, resources, **options)
