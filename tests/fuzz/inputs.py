"""Inputs to begin with, from the workbooks of the tests, and changes that keep a container whole.

Bytes changed at random hardly get past a checksum. So a package is unpacked, a tag or record of one
part is changed, and it is packed again.
"""

import re
import struct
import tomllib
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import islice, product
from random import Random
from zipfile import ZipFile, ZipInfo

from thidua_analysis.excel.binary_books import _xlsb_records, workbook_stream, xls_records
from thidua_analysis.form.forms import forms
from thidua_analysis.vietnamese import cell_text

from .targets import COLUMNS, ROOT

#: bytes and their greatest length → other bytes
Mutate = Callable[[bytes, int], bytes]
Parts = dict[str, bytes]

_NUMBERS = "53.211|1,5|−5|25/82|48,5 tỷ đồng|5 (tăng 3)|x|2O|1 234,5|1-2|trên 5|5 trở lên|không"
_DATES = "31/12/2023|2023-12-31|ngày 3 tháng 2 năm 2023|12/31/2023|3/2|45291|5.6.2023|2023.5.6"
_FORMATS = (
    '0.00%|#,##0" tỷ"|#,##0,,|"trên "0;-0|[<1]0%;0|dd/mm/yyyy|[h]:mm|?/?|0;@" kg"|_(* #,##0_)'
)
#: parts that no reader looks at; the longest file to begin with, and how many of them
_UNREAD = re.compile(r"theme|docprops|settings|calcchain|thumb|meta\.xml|manifest|config|printer")
_LONGEST, _MOST = 40_000, 60
_ENDINGS = {"gate": (".xlsx", ".ods", ".xls", ".xlsb"), "submission": (".xlsx", ".xls")}
#: what is put between letters
_LETTERS = (
    *"0123456789.,-−–/%()[]<>=~:;#?@*_+\"'\\ \n\t\rxXoOlIđĐ₫ðаеĂư²½０９．％⁄٣…·§¬µÃ»",
    *"\xa0\xad\u200b\u0301\u0323\ufeff\ufffd",
    *"trên | trở lên|khoảng |triệu|tỷ| đồng| điểm|từ | đến |tháng |năm |2023|hạng |không".split(
        "|"
    ),
    *"0.0 .000 ,000 dd mm [h] E+".split(),
)
#: values that have broken readers
_VALUES = (
    b"", b"0", b"1", b"-1", b"true", b"s", b"e", b"str", b"inlineStr", b"A1", b"XFD1048576",
    b"A1:XFD1048576", b"1048577", b"16385", b"4294967295", b"99999999999999999999", b"1e308",
    b"nan", b"inf", b"0.1", b"1_000", b"#REF!", b"percentage", b"date", b"float", b"PT25H", b"P1D",
    b"9999-12-31T24:00:00", b"0001-01-01", "²".encode(), "٣".encode(), b"_x0000_", b"_xD800_",
    b"9" * 5000, b"a?b? " * 2000, b"\n " * 2000,
)  # fmt: skip
#: names that lead out of a package, or stand in it twice
_NAMES = r"../up.xml /root.xml C:/disk.xml back\slash.xml XL/WORKBOOK.XML a/../b.xml".split()


def seeds(target: str) -> Iterator[bytes]:
    """Yield inputs to begin with."""
    if target == "numbers":
        units = tomllib.loads((ROOT / "src/thidua_analysis/vietnamese/quantities.toml").read_text())
        words = (
            *_NUMBERS.split("|"),
            *(f"{word} 5 {word}" for part in units.values() for word in part),
        )
        yield from (bytes([n]) + word.encode() for n in range(len(COLUMNS)) for word in words)
    elif target == "dates":
        yield from map(str.encode, _DATES.split("|"))
    elif target == "texts":
        yield from _texts()
    elif target == "headings":
        paths = {path for form in forms().values() for t in form.tables for path in t.headings}
        yield from (path.replace(" > ", "\n").encode() for path in sorted(paths))
    elif target == "number-formats":
        pairs = product((0.5, -48.5, 1e9), _FORMATS.split("|"))
        yield from (struct.pack("<d", value) + code.encode() for value, code in pairs)
    else:
        endings = _ENDINGS.get(target, (f".{target}",))
        for ending in endings:
            yield from islice(_workbooks(ending), _MOST // len(endings))


def _texts() -> Iterator[bytes]:
    corpus = tomllib.loads((ROOT / "tests/vietnamese/corpus.toml").read_text(encoding="utf-8"))
    plain = corpus["vietnamese"]["sentences"]
    yield from (b"\0" + text.encode() for text in plain)
    for way, encoding in ((1, "tcvn3"), (3, "vni")):
        back = {new: old for old, new in cell_text.tables()[encoding].items()}
        yield from (bytes([way]) + "".join(back.get(c, c) for c in t).encode() for t in plain)


def _workbooks(ending: str) -> Iterator[bytes]:
    """Yield workbooks of the tests, the small ones first, with the parts alone that are read."""
    folders = ("excel", "should_pass", "should_fail", "hostile")
    paths = (path for name in folders for path in (ROOT / "tests" / name).rglob(f"*{ending}"))
    named = sorted((p.stat().st_size, p) for p in paths)
    for _, path in named:
        data = path.read_bytes()
        if package := unpacked(data):
            parts, pack = package
            data = pack({n: part for n, part in parts.items() if not _UNREAD.search(n.lower())})
        if 0 < len(data) < _LONGEST:
            yield data


def unpacked(data: bytes) -> tuple[Parts, Callable[[Parts], bytes]] | None:
    """Return the parts of a container with how to pack them again; None of what is none."""
    try:
        if data.startswith(b"PK"):
            with ZipFile(BytesIO(data)) as container:
                return {name: container.read(name) for name in container.namelist()}, _zipped
        return {"workbook": workbook_stream(data)}, lambda parts: compound(parts["workbook"])
    except Exception:  # whatever a broken container raises, its bytes are changed as they are
        return None


def _zipped(parts: Parts) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as container:
        for name, part in parts.items():
            container.writestr(ZipInfo(name), part)
    return out.getvalue()


def compound(stream: bytes) -> bytes:
    """Return a compound file of one table sector, one of names, and the stream of a workbook."""
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    # shorter streams would stand elsewhere, longer ones need more tables
    stream = stream[: 125 * 512].ljust(4096, b"\0")
    stream += bytes(-len(stream) % 512)
    last = 1 + len(stream) // 512
    header = struct.pack(
        "<8s16x5H6x9I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 62, 3, 0xFFFE, 9, 6,
        0, 1, 1, 0, 4096, end, 0, end, 0,
    )  # fmt: skip
    table = [0xFFFFFFFD, end, *range(3, last + 1), end]
    names = (("Root Entry", 5, 1, end, 0), ("Workbook", 2, free, 2, len(stream)))
    entries = (
        struct.pack("<64sHBB3I36xIQ", name.encode("utf-16-le"), 2 * len(name) + 2, kind, 1,
                    free, free, child, start, size)
        for name, kind, child, start, size in names
    )  # fmt: skip
    return b"".join((
        header, struct.pack("<109I", 0, *[free] * 108),
        struct.pack("<128I", *table, *[free] * (128 - len(table))),
        b"".join(entries).ljust(512, b"\0"), stream,
    ))  # fmt: skip


def mutated(mutate: Mutate, data: bytes, most: int, seed: int) -> bytes:
    """Return a file with something changed in one of its parts, now and then in its container."""
    rng = Random(seed)
    package = unpacked(data) if rng.random() < 0.9 else None
    if not package or not any(package[0].values()):
        return mutate(data, most)
    parts, pack = package
    # a large part has more that can break
    name = rng.choices(list(parts), [len(part) for part in parts.values()])[0]
    split, join = _SHAPES.get(name.rpartition(".")[2], _SHAPES["xml"])
    try:
        pieces = split(parts[name])
    except (IndexError, struct.error):
        pieces = []
    way = rng.random()
    if way < 0.05:
        parts[rng.choice(_NAMES)] = parts[name]
    elif pieces and way < 0.9:
        for _ in range(rng.choice((1, 1, 2, 4))):
            _change(pieces, rng, mutate)
        parts[name] = join(pieces)
    else:
        parts[name] = mutate(parts[name], most)
    made = pack(parts)
    return made if len(made) <= most else mutate(data, most)


def respelt(mutate: Mutate, data: bytes, most: int, seed: int, *, head: int) -> bytes:
    """Return a text with letters changed as such, now and then its bytes."""
    rng = Random(seed)
    front, letters = data[:head], list(data[head:].decode("utf-8", "ignore"))
    if rng.random() < 0.3 or not letters:
        return mutate(data, most)
    for _ in range(rng.choice((1, 1, 2, 4))):
        at, other = sorted((rng.randint(0, len(letters)), rng.randint(0, len(letters))))
        way = rng.randrange(4)
        if way == 0:
            letters[at : at + 1] = rng.choice(_LETTERS)
        elif way == 1:
            letters[at:at] = rng.choice(_LETTERS)
        elif way == 2:
            del letters[at : min(other, at + 8)]
        else:
            letters += letters[at:other]
    if front and rng.random() < 0.1:
        front = mutate(front, head).ljust(head, b"\0")
    return (front + "".join(letters).encode())[:most]


def _change(pieces: list[bytes], rng: Random, mutate: Mutate) -> None:
    at, other = rng.randrange(len(pieces)), rng.randrange(len(pieces))
    way, piece = rng.randrange(8), pieces[at]
    if way == 0 and len(pieces) > 1:
        del pieces[at]
    elif way == 1:
        pieces.insert(other, piece)
    elif way == 2:
        pieces[at], pieces[other] = pieces[other], piece
    elif way < 6 and (values := list(re.finditer(rb'(?<=")[^"<>]*(?=")|^[^<>"]+$', piece))):
        found, new = rng.choice(values), rng.choice(_VALUES)
        new = mutate(found[0], len(found[0]) + 8) if rng.random() < 0.3 else new
        pieces[at] = piece[: found.start()] + new + piece[found.end() :]
    else:
        changed = mutate(piece, len(piece) + 16)
        # records of a fixed length are read only as long as they have it
        pieces[at] = changed[: len(piece)].ljust(len(piece), b"\0") if way == 7 else changed


def _tags(part: bytes) -> list[bytes]:
    return re.findall(rb"<[^<>]*>|[^<]+", part)


def _xls_pieces(stream: bytes) -> list[bytes]:
    found = xls_records(stream)
    return [struct.pack("<H", kind) + stream[start:end] for kind, start, end in found if end > 4]


def _xls_stream(pieces: list[bytes]) -> bytes:
    sized = (p[:2].ljust(2, b"\0") + struct.pack("<H", len(p[2:]) & 0xFFFF) + p[2:] for p in pieces)
    return b"".join(sized)


def _xlsb_pieces(part: bytes) -> list[bytes]:
    return [struct.pack("<H", kind) + content for kind, content in _xlsb_records(part)]


def _xlsb_part(pieces: list[bytes]) -> bytes:
    return b"".join(_varying(int.from_bytes(p[:2], "little")) + _varying(len(p[2:])) + p[2:]
                    for p in pieces)  # fmt: skip


def _varying(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


#: how a part falls into pieces, and becomes one again, by the ending of its name
_SHAPES: dict[str, tuple[Callable[[bytes], list[bytes]], Callable[[list[bytes]], bytes]]] = {
    "xml": (_tags, b"".join),
    "bin": (_xlsb_pieces, _xlsb_part),
    "workbook": (_xls_pieces, _xls_stream),
}
