"""Zip containers: inflate what a hostile file packed, count real bytes, pack it anew."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO

from thidua_analysis.excel.limits import Limits
from thidua_analysis.excel.refusal import Refusal, damaged, too_large, unsafe

_LOCAL_HEADER, _ENTRY = b"PK\x03\x04", b"PK\x01\x02"
_ENCRYPTED = 0x1
#: Bytes taken from the file, and given back inflated, at a time.
_STEP, _MOST = 2**16, 2**22


def members(data: bytes, limits: Limits) -> list[zipfile.ZipInfo]:
    """List the members of a zip container that breaks no rule of its directory.

    Parameters
    ----------
    data
        The file.
    limits
        What it may ask for.

    Returns
    -------
    list of ZipInfo
        Without folders.

    Raises
    ------
    Refusal
        If the directory cannot be read, is too long, or names a member as only an attack does.
    """
    _refuse_long_directory(data, limits)
    try:
        with zipfile.ZipFile(BytesIO(data)) as container:
            listed = container.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise damaged("zip") from error
    if len(listed) > limits.members:
        raise too_large("members", limits.members)
    if listed and min(info.header_offset for info in listed) > 0:
        raise unsafe("prefix")
    _refuse_names([info.orig_filename for info in listed])
    return [info for info in listed if not info.filename.endswith("/")]


def _refuse_long_directory(data: bytes, limits: Limits) -> None:
    """Refuse before the directory is parsed: each entry of it costs time and memory.

    Counts the marks of entries wherever they stand, so that no other field need be believed;
    a container within the container may hold some too.
    """
    if data.count(_ENTRY) > 10 * limits.members:
        raise too_large("members", limits.members)


def _refuse_names(names: list[str]) -> None:
    seen = set()
    for name in names:
        parts = name.split("/")
        if "\\" in name or "\0" in name or name.startswith("/") or ".." in parts or ":" in parts[0]:
            raise unsafe("name", name)
        if name.casefold() in seen:
            raise unsafe("duplicate", name)
        seen.add(name.casefold())


def inflate(
    data: bytes, listed: list[zipfile.ZipInfo], limits: Limits
) -> Iterator[tuple[str, bytes]]:
    """Inflate members one by one, trusting no size that the file claims.

    Yields
    ------
    tuple of str and bytes
        Name and content of a member.

    Raises
    ------
    Refusal
        If a member is encrypted, broken, or the bytes exceed a limit.
    """
    total = 0
    for info in listed:
        if info.flag_bits & _ENCRYPTED:
            raise Refusal("file-encrypted")
        content = _content(data, info, limits)
        total += len(content)
        if total > limits.total_bytes:
            raise too_large("total_bytes", limits.total_bytes, info.filename)
        yield info.filename, content


def _content(data: bytes, info: zipfile.ZipInfo, limits: Limits) -> bytes:
    packed = _packed(data, info)
    if info.compress_type == zipfile.ZIP_STORED:
        content = bytes(packed)
    elif info.compress_type == zipfile.ZIP_DEFLATED:
        content = _inflated(packed, info.filename, limits)
    else:
        raise damaged(info.filename)
    if len(content) > limits.part_bytes:
        raise too_large("part_bytes", limits.part_bytes, info.filename)
    if zlib.crc32(content) != info.CRC:
        raise damaged(info.filename)
    return content


def _packed(data: bytes, info: zipfile.ZipInfo) -> memoryview:
    start = info.header_offset
    header = data[start : start + 30]
    if len(header) < 30 or not header.startswith(_LOCAL_HEADER):
        raise damaged(info.filename)
    name, extra = struct.unpack_from("<HH", header, 26)
    start += 30 + name + extra
    packed = memoryview(data)[start : start + info.compress_size]
    if len(packed) < info.compress_size:
        raise damaged(info.filename)
    return packed


def _inflated(packed: memoryview, name: str, limits: Limits) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces, size = [], 0
    try:
        for piece in _pieces(inflater, packed):
            pieces.append(piece)
            size += len(piece)
            if size > limits.part_bytes:
                raise too_large("part_bytes", limits.part_bytes, name)
            if size > limits.ratio_from_bytes and size > limits.ratio * len(packed):
                raise too_large("ratio", limits.ratio, name)
    except zlib.error as error:
        raise damaged(name) from error
    if not inflater.eof:
        raise damaged(name)
    return b"".join(pieces)


def _pieces(inflater: zlib._Decompress, packed: memoryview) -> Iterator[bytes]:
    for start in range(0, len(packed), _STEP):
        rest: bytes | memoryview = packed[start : start + _STEP]
        while rest:
            yield inflater.decompress(rest, _MOST)
            rest = inflater.unconsumed_tail


def pack(parts: Mapping[str, Sequence[bytes]]) -> bytes:
    """Pack parts into a zip container without compressing them.

    Readers are given this container instead of the file as sent: they see exactly the bytes
    that were checked, and no second directory, name or size that a file may hide.

    Parameters
    ----------
    parts
        Content of each part by its name, in pieces, so that a large one need not be copied.
    """
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as container:
        for name, pieces in parts.items():
            info = zipfile.ZipInfo(name)
            info.file_size = sum(map(len, pieces))
            with container.open(info, "w") as member:
                for piece in pieces:
                    member.write(piece)
    return packed.getvalue()
