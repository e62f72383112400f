"""Records of an .xls workbook that xlrd passes over; numbers and places are those of [MS-XLS]."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

_END = 0x000A
_SUPBOOK = 0x01AE


def records(stream: bytes, at: int = 0) -> Iterator[tuple[int, int, int]]:
    """Yield number, start and end of the content of each record, up to the end of the stream."""
    header, last = struct.Struct("<HH"), len(stream) - 4
    while 0 <= at <= last:
        kind, size = header.unpack_from(stream, at)
        yield kind, at + 4, at + 4 + size
        at += 4 + size


def book_records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each record on the workbook as a whole, which stand first."""
    for kind, start, end in records(stream):
        if kind == _END:
            return
        yield kind, stream[start:end]


def links(stream: bytes) -> Iterator[str]:
    """Yield the names of other workbooks that cells refer to."""
    for kind, content in book_records(stream):
        # shorter ones refer to this very workbook
        if kind == _SUPBOOK and len(content) > 5:
            encoding = "utf-16-le" if content[4] & 1 else "latin-1"
            path = content[5:].decode(encoding, "replace")
            # folders are set apart by control characters
            yield re.split(r"[\x00-\x1f/\\]", path)[-1]
