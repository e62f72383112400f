"""Make unusual markup plain (prefixes, comments, cells without address): one scan serves all."""

from __future__ import annotations

import re

from thidua_analysis.excel.cells import address, column_number
from thidua_analysis.excel.limits import Limits
from thidua_analysis.excel.markup import escape, parse
from thidua_analysis.excel.refusal import damaged, too_large

_REFERENCE = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})")
_ROW_NUMBER = re.compile(r"[1-9][0-9]{0,6}")
_SPACES = re.compile(r"^(?: |&#(?:9|10|13);)+|(?: |&#(?:9|10|13);)+$")
_SPACE = "http://www.w3.org/XML/1998/namespace space"
#: Subtrees that hold nothing of a cell.
_LEFT_OUT = frozenset({"extLst"})


def rewrite(part: bytes, name: str, limits: Limits) -> bytes:
    """Rewrite a sheet or a table of shared strings in the plainest markup that says the same.

    In the result all elements of the part's own namespace have no prefix, each row and cell
    has its address, formulas come before results, attributes are in one order and in double
    quotes, and there are no comments, instructions or CDATA sections. Elements of other
    namespaces are gone, their children stay.

    Parameters
    ----------
    part
        The part in UTF-8, without document type.
    name
        Name of the part, for messages.
    limits
        Bounds; markup such as this is slow to read, so that its size has one of its own.

    Raises
    ------
    Refusal
        If the part is too large, not well formed, or a cell has no possible address.
    """
    if len(part) > limits.rewritten_bytes:
        raise too_large("rewritten_bytes", limits.rewritten_bytes, name)
    writer = _Writer(name)
    parse(part, name, writer.start, writer.end, writer.text)
    return "".join(writer.out).encode("utf-8", "surrogatepass")


class _Writer:
    """Writes plain markup while expat reads."""

    def __init__(self, name: str) -> None:
        self.out: list[str] = []
        self._name = name
        self._namespace: str | None = None
        self._row = self._column = 0
        self._skipping = self._start = self._formula = self._value = 0
        self._is_text = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Write a start tag."""
        local = self._own(tag)
        if self._skipping or local in _LEFT_OUT:
            self._skipping += 1
        elif local == "c":
            self._start = len(self.out)
            self._is_text = attributes.get("t") == "str"
            self.out.append(f"<c{_written(self._cell(attributes))}>")
        elif local == "row":
            self.out.append(f"<row{_written(self._row_start(attributes))}>")
        elif local:
            self._formula = len(self.out) if local == "f" else self._formula
            self._value = len(self.out) + 1 if local == "v" else self._value
            self.out.append(f"<{local}{_written(_plain(attributes))}>")

    def end(self, tag: str) -> None:
        """Write an end tag."""
        if self._skipping:
            self._skipping -= 1
        elif local := self._own(tag):
            if local == "v" and not self._is_text:
                self._strip_value()
            self.out.append(f"</{local}>")
            if local == "f":
                self._put_first()
            elif local == "c" and len(self.out) == self._start + 2:
                # a cell without content
                del self.out[self._start :]

    def _put_first(self) -> None:
        """Move a formula before the value of its cell, where the scan looks for it."""
        formula = self.out[self._formula :]
        del self.out[self._formula :]
        self.out[self._start + 1 : self._start + 1] = formula

    def _strip_value(self) -> None:
        """Cut the white space around a number, which counts for nothing in markup."""
        text = _SPACES.sub("", "".join(self.out[self._value :]))
        self.out[self._value :] = [text] if text else []

    def text(self, text: str) -> None:
        """Write text."""
        if not self._skipping:
            self.out.append(escape(text))

    def _own(self, tag: str) -> str:
        """Local name of a tag in the namespace of the part, else nothing."""
        namespace, _, local = tag.rpartition(" ")
        if self._namespace is None:
            self._namespace = namespace
        return local if namespace == self._namespace else ""

    def _row_start(self, attributes: dict[str, str]) -> dict[str, str]:
        given = attributes.get("r", "")
        if given and not _ROW_NUMBER.fullmatch(given):
            raise damaged(given)
        self._row = int(given) if given else self._row + 1
        self._column = 0
        kept = _plain(attributes)
        kept.pop("r", None)
        return {"r": str(self._row), **kept}

    def _cell(self, attributes: dict[str, str]) -> dict[str, str]:
        row, given = self._row, attributes.get("r", "")
        self._column += 1
        if given:
            matched = _REFERENCE.fullmatch(given)
            if not matched:
                raise damaged(given)
            self._column, row = column_number(matched[1].upper()), int(matched[2])
        kept = {"r": address(row, self._column)}
        return kept | {key: attributes[key] for key in ("s", "t") if key in attributes}


def _plain(attributes: dict[str, str]) -> dict[str, str]:
    kept = {key: value for key, value in attributes.items() if " " not in key}
    if _SPACE in attributes:
        kept["xml:space"] = attributes[_SPACE]
    return kept


def _written(attributes: dict[str, str]) -> str:
    return "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
