"""Merged headings: which cells of the heading rows belong together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from thidua_analysis.publish.official_forms.layout import ABOVE


@dataclass(frozen=True, slots=True)
class Block:
    """A heading over some rows and columns, both counted from 0 and both ends included."""

    top: int
    left: int
    bottom: int
    right: int
    text: str


def blocks(paths: Sequence[Sequence[str]], depth: int) -> Iterator[Block]:
    """Yield the headings of columns.

    Parameters
    ----------
    paths
        Headings of each column from the top; ``^`` continues the one above, and so does the
        rest of a path that is shorter than the depth.
    depth
        Number of heading rows.

    Examples
    --------
    >>> [b.text for b in blocks([("Tổng số",), ("Chia ra", "Nam"), ("Chia ra", "Nữ")], 2)]
    ['Tổng số', 'Chia ra', 'Nam', 'Nữ']
    """
    full = [tuple(path) + (ABOVE,) * (depth - len(path)) for path in paths]
    for left, path in enumerate(full):
        for top, heading in enumerate(path):
            if heading == ABOVE:
                continue
            bottom = top
            while bottom + 1 < depth and path[bottom + 1] == ABOVE:
                bottom += 1
            same = path[: bottom + 1]
            if left and full[left - 1][: bottom + 1] == same and top < depth - 1:
                continue
            right = left
            while (
                top < depth - 1 and right + 1 < len(full) and full[right + 1][: bottom + 1] == same
            ):
                right += 1
            yield Block(top, left, bottom, right, heading)
