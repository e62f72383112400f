"""An IPython shell that keeps what a cell shows, in the order in which it was shown."""

from __future__ import annotations

import contextlib
import io
import traceback
from collections.abc import Iterator
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type

Output = dict[str, Any]


def _keep(shell: Any, data: Output, metadata: Output | None) -> None:
    """Add something shown to the outputs of the shell."""
    output = {"output_type": "display_data", "data": dict(data), "metadata": metadata or {}}
    shell.outputs.append(output)


class _Hook(DisplayHook):
    """Keeps the value of a cell's last line."""

    def quiet(self) -> bool:
        """Whether the last line ends in a semicolon and is not to be shown."""
        source = getattr(self.shell, "source", "")
        hook: Any = self
        return bool(hook.semicolon_at_end_of_expression(source))

    def start_displayhook(self) -> None:
        """There is no prompt to write."""

    def write_output_prompt(self) -> None:
        """There is no prompt to write."""

    def write_format_data(self, format_dict: Output, md_dict: Output | None = None) -> None:
        """Keep the value in all its formats."""
        _keep(self.shell, format_dict, md_dict)

    def finish_displayhook(self) -> None:
        """There is nothing to end."""


class _Publisher(DisplayPublisher):
    """Keeps what ``display`` is given."""

    def publish(self, data: Any, metadata: Any = None, *_: Any, **__: Any) -> None:
        """Keep the data in all their formats."""
        _keep(self.shell, data, metadata)


class _Stream(io.TextIOBase):
    def __init__(self, shell: Shell, name: str) -> None:
        self.shell, self.name = shell, name

    def write(self, text: str) -> int:
        outputs = self.shell.outputs
        if outputs and outputs[-1].get("name") == self.name:
            outputs[-1]["text"] += text
        else:
            outputs.append({"output_type": "stream", "name": self.name, "text": text})
        return len(text)


class Shell(InteractiveShell):
    """A shell without a terminal; ``outputs`` are those of the last cell, as stored in a file."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)

    def __init__(self, **options: Any) -> None:
        self.outputs: list[Output] = []
        self.source = ""
        super().__init__(**options)  # type: ignore[no-untyped-call]

    def enable_gui(self, gui: Any = None) -> None:
        """Figures go into the page: there is no window to open."""

    def showtraceback(self, *_: Any, **__: Any) -> None:
        """Errors are kept as outputs by `execute`."""

    showsyntaxerror = showindentationerror = showtraceback

    def execute(self, source: str) -> tuple[list[Output], str]:
        """Run a cell; return its outputs and the last line of its error, empty where none."""
        self.outputs, self.source = [], source
        with _redirected(self):
            result: Any = self.run_cell(source, store_history=False)  # type: ignore[no-untyped-call]
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            lines = traceback.format_exception_only(error)
            self.outputs.append(
                {
                    "output_type": "error",
                    "ename": type(error).__name__,
                    "evalue": str(error),
                    "traceback": [line.rstrip() for line in lines],
                }
            )
            return self.outputs, lines[-1].strip()
        return self.outputs, ""


@contextlib.contextmanager
def _redirected(shell: Shell) -> Iterator[None]:
    out, err = _Stream(shell, "stdout"), _Stream(shell, "stderr")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield
