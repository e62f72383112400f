"""What lets nbconvert and JupyterLab write the same page: a preprocessor and an exporter."""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import Preprocessor

from thidua_analysis.messages import text
from thidua_analysis.publish.html import TEMPLATES, look
from thidua_analysis.publish.page import Page


class PagePreprocessor(Preprocessor):
    """Puts the parts of the page and the look of the template where the template reads them."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Prepare a notebook."""
        page = Page()
        page.add(nb.cells)
        name = str(resources.get("metadata", {}).get("name", ""))
        shown = page.content(page.title or name, code=True)
        return nb, {**resources, "page": shown, "look": look()}


class ThiduaExporter(HTMLExporter):
    """Writes a notebook as a page of the report; in JupyterLab under Save and Export."""

    export_from_notebook = text("page-exporter")

    def __init__(self, **options: Any) -> None:
        options.setdefault("template_name", TEMPLATES.name)
        options.setdefault("extra_template_basedirs", [str(TEMPLATES.parent)])
        super().__init__(**options)  # type: ignore[no-untyped-call]

    def from_notebook_node(
        self, nb: Any, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Write the page as it is: the class above would read it again for alternative texts."""
        return super(HTMLExporter, self).from_notebook_node(nb, resources, **options)
