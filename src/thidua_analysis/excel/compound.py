"""Compound files (the container of .xls and of encrypted workbooks): what is in them.

Chains of sectors are followed no further than the file has sectors: those of a hostile file may
run in a circle, which readers of workbooks follow until memory ends. Places of fields are those
of [MS-CFB].
"""

from __future__ import annotations

import re
import struct
import sys
from array import array
from collections.abc import Sequence
from typing import NamedTuple

from thidua_analysis.excel.refusal import Refusal, damaged

_ENTRY_BYTES, _MINI_SHIFT = 128, 6
#: Where the header tells the size of a sector (as a power of two), and how many of them its
#: tables fill: FAT, mini FAT, DIFAT.
_SECTOR_SHIFT, _TABLES = 0x1E, (0x2C, 0x40, 0x48)
_DIRECTORY, _CUTOFF, _MINI_FAT, _DIFAT, _FIRST_DIFAT = 0x30, 0x38, 0x3C, 0x44, 0x4C
_END = 0xFFFFFFFA
#: Streams and storages that give a file away, in order of decision.
_SIGNS = (
    ("EncryptedPackage", "encrypted"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "msg"),
)
_MACROS = "_VBA_PROJECT_CUR"


def compound_kind(data: bytes) -> tuple[str, bool]:
    """Say what a compound file holds, and whether there are macros in it.

    The names are looked for wherever an entry of the directory may stand.

    Raises
    ------
    Refusal
        With ``file-encrypted`` or ``file-damaged``.
    """
    _refuse_false_header(data)
    for name, kind in _SIGNS:
        if _has_entry(data, name):
            if kind == "encrypted":
                raise Refusal("file-encrypted")
            return kind, _has_entry(data, _MACROS)
    return "ole", False


def _has_entry(data: bytes, name: str) -> bool:
    wanted = re.escape(name.encode("utf-16-le") + b"\0\0")
    return any(match.start() % _ENTRY_BYTES == 0 for match in re.finditer(wanted, data))


def _refuse_false_header(data: bytes) -> None:
    """Refuse tables that are larger than the file: readers allocate what these numbers say."""
    if len(data) < 512:
        raise damaged("compound")
    (shift,) = struct.unpack_from("<H", data, _SECTOR_SHIFT)
    counts = [_word(data, offset) for offset in _TABLES]
    if shift not in (9, 12) or any(count << shift > len(data) for count in counts):
        raise damaged("compound")


def workbook_stream(data: bytes) -> bytes:
    """Return the stream of an .xls file that holds the workbook.

    Parameters
    ----------
    data
        The compound file.

    Raises
    ------
    Refusal
        With ``file-damaged`` if there is no such stream or its sectors cannot be followed.
    """
    _refuse_false_header(data)
    (shift,) = struct.unpack_from("<H", data, _SECTOR_SHIFT)
    fat = _fat(data, shift)
    root, *others = _entries(_joined(data, fat, _word(data, _DIRECTORY), shift, first=1))
    top = _top_level(root, others)
    for name in ("workbook", "book"):
        for entry in top:
            if entry.name.lower() == name:
                return _stream(data, fat, shift, root, entry)
    raise damaged("compound")


class _Entry(NamedTuple):
    name: str
    left: int
    right: int
    child: int
    start: int
    size: int


def _word(data: bytes, offset: int) -> int:
    word: int = struct.unpack_from("<I", data, offset)[0]
    return word


def _words(data: bytes) -> Sequence[int]:
    words = array("I", data[: len(data) // 4 * 4])
    if sys.byteorder == "big":
        words.byteswap()
    return words


def _fat(data: bytes, shift: int) -> Sequence[int]:
    """Return the table that names the sector after each sector."""
    listed = list(_words(data[_FIRST_DIFAT:512]))
    sector, most = _word(data, _DIFAT), len(data) >> shift
    while sector < most and len(listed) <= 2 * most + 109:
        *more, sector = _words(data[(sector + 1) << shift : (sector + 2) << shift]) or [_END]
        listed += more
    tables = (data[(n + 1) << shift : (n + 2) << shift] for n in listed[:most] if n < most)
    return _words(b"".join(tables))


def _joined(data: bytes, table: Sequence[int], sector: int, shift: int, first: int) -> bytes:
    """Join the sectors of a chain; ``first`` is how many sectors stand before number 0."""
    pieces: list[bytes] = []
    while sector < _END:
        if sector >= len(table) or len(pieces) > len(table):
            raise damaged("compound")
        start = (sector + first) << shift
        pieces.append(data[start : start + (1 << shift)])
        sector = table[sector]
    return b"".join(pieces)


def _entries(directory: bytes) -> list[_Entry]:
    found = []
    for start in range(0, len(directory) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
        length = struct.unpack_from("<H", directory, start + 64)[0]
        name = directory[start : start + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        links = struct.unpack_from("<3I", directory, start + 68)
        place = struct.unpack_from("<2I", directory, start + 116)
        found.append(_Entry(name, *links, *place))
    if not found:
        raise damaged("compound")
    return found


def _top_level(root: _Entry, others: list[_Entry]) -> list[_Entry]:
    """Return what stands directly in the root: embedded workbooks have streams of equal name."""
    entries = [root, *others]
    waiting, seen = [root.child], {0}
    while waiting:
        number = waiting.pop()
        if number < len(entries) and number not in seen:
            seen.add(number)
            waiting += [entries[number].left, entries[number].right]
    return [entries[number] for number in sorted(seen - {0})]


def _stream(data: bytes, fat: Sequence[int], shift: int, root: _Entry, entry: _Entry) -> bytes:
    if entry.size >= _word(data, _CUTOFF):
        return _joined(data, fat, entry.start, shift, first=1)[: entry.size]
    mini = _joined(data, fat, root.start, shift, first=1)
    table = _words(_joined(data, fat, _word(data, _MINI_FAT), shift, first=1))
    return _joined(mini, table, entry.start, _MINI_SHIFT, first=0)[: entry.size]
