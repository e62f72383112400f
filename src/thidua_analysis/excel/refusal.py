"""How the inner steps of the reader say that a file cannot be read."""

from __future__ import annotations

from collections.abc import Iterable

from thidua_analysis.findings import Finding, finding

#: Names within a file may be as long as their author likes.
_LONGEST, _MOST = 200, 20


class Refusal(Exception):  # noqa: N818 - not an error of the program
    """Raised within this room when a file is refused; `read` turns it into a finding.

    Parameters
    ----------
    code
        One of the codes after which nothing of the file can be used.
    **params
        What the message names.
    """

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def finding(self) -> Finding:
        """Return the refusal as a finding on the file, or on the cell that it names."""
        params = dict(self.params)
        sheet, cell = params.pop("sheet", None), params.pop("cell", None)
        return finding(self.code, sheet=sheet, cell=cell, params=params)


def listed(names: Iterable[str], separator: str = ", ") -> str:
    """Return names as one text for a message, no more than a reader can take in."""
    first, more = list(names)[: _MOST + 1], ""
    if len(first) > _MOST:
        first, more = first[:_MOST], f"{separator}…"
    return separator.join(name[:_LONGEST] for name in first) + more


def damaged(what: str, **more: str) -> Refusal:
    """Refusal of a file that is broken: ``what`` names the part or the cell."""
    return Refusal("file-damaged", what=what[:_LONGEST], **more)


def too_large(limit: str, most: int, where: str = "", **more: str) -> Refusal:
    """Refusal of a file that asks for more than a limit, which is named as in `Limits`."""
    what = f"{limit} > {most}: {where}" if where else f"{limit} > {most}"
    return Refusal("file-too-large", what=what[:_LONGEST], limit=limit, **more)


def unsafe(sign: str, where: str = "") -> Refusal:
    """Refusal of a file with something in it that only an attack needs."""
    return Refusal("file-unsafe", what=f"{sign}: {where}"[:_LONGEST] if where else sign)
