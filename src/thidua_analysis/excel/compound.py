"""Compound files (the container of .xls and of encrypted workbooks): what is in them."""

from __future__ import annotations

import re
import struct

from thidua_analysis.excel.refusal import Refusal, damaged

_ENTRY_BYTES = 128
#: Where the header tells the size of a sector (as a power of two) and how many of them its
#: tables fill: FAT, mini FAT, DIFAT ([MS-CFB] 2.2).
_SECTOR_SHIFT, _TABLES = 0x1E, (0x2C, 0x40, 0x48)
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

    The names are looked for wherever an entry of the directory may stand: the chain of its
    sectors, which a hostile file can make endless, is not followed.

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
    counts = [struct.unpack_from("<I", data, offset)[0] for offset in _TABLES]
    if shift not in (9, 12) or any(count << shift > len(data) for count in counts):
        raise damaged("compound")
