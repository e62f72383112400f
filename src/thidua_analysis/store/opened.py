"""What was stored, opened: of one bloc or of several, in a folder or under an address."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from thidua_analysis.findings import ThiduaError, UsageError
from thidua_analysis.form import config
from thidua_analysis.form.config import FILE, FORMS, is_bloc, processed_of, raw_of
from thidua_analysis.form.forms import INDICATORS
from thidua_analysis.store import disk, tidy
from thidua_analysis.store.disk import MANIFEST, TABLE
from thidua_analysis.store.inputs import SUFFIXES

#: From so many blocs on each is built in a process of its own.
_MANY = 4
_ADDRESS = re.compile("[a-z][a-z0-9+.-]+://", re.I)


def is_address(data: object) -> bool:
    """Whether data lie under an address such as ``s3://bucket/data`` instead of in a folder."""
    return isinstance(data, str) and _ADDRESS.match(data) is not None


def blocs_in(data: Path | str) -> tuple[Path | str, ...]:
    """Return the places of several blocs, ``raw/<bloc>``; none where there is one bloc."""
    if not is_address(data):
        return config.blocs_in(Path(data))
    files, root = _opened(str(data))
    found = (PurePosixPath(one).parent for one in sorted(files.glob(f"{root}/raw/*/{FILE}")))
    return tuple(files.unstrip_protocol(str(one)) for one in found if is_bloc(one.name))


def many(homes: Sequence[Path | str]) -> int:
    """Return from how many blocs on processes build them: no other sees what memory:// holds."""
    return len(homes) + 1 if str(homes[0]).startswith("memory:") else _MANY


@contextmanager
def at_hand(data: Path | str, *, sheets: bool = True) -> Iterator[Path]:
    """Give a folder as it is; of an address a copy, whose processed data are put back.

    What was received is never written, and errors name the address. The manifest goes last: who
    reads meanwhile sees by its hashes that the tables are not whole, and waits. Without
    ``sheets``, what members sent stays.
    """
    if not is_address(data):
        yield Path(data)
        return
    files, root = _opened(str(data))
    with tempfile.TemporaryDirectory() as name:
        place = PurePosixPath(root)
        home, there, shown = Path(name), place / "processed", str(data).rstrip("/")
        received = place / "raw"
        if place.parent.name == "raw" and files.isfile(f"{root}/{FILE}"):
            home, there = home / "raw" / place.name, place.parents[1] / "processed" / place.name
            received, shown = place, shown.removesuffix(f"/raw/{place.name}")
            home.mkdir(parents=True)
            files.get_file(f"{root}/{FILE}", str(home / FILE))
            for shared in (FORMS, INDICATORS):
                _fetch(files, place.parent / shared, home.parent / shared)
        _fetch(files, received, raw_of(home), sheets=sheets)
        _fetch(files, there, processed_of(home))
        before = _manifest(home)
        try:
            yield home
        except ThiduaError as error:
            for key, said in error.params.items():
                error.params[key] = said.replace(name, shown) if isinstance(said, str) else said
            raise
        if _manifest(home) != before:
            files.makedirs(str(there), exist_ok=True)
            tables = sorted(processed_of(home).glob(f"*{TABLE}"))
            for path in (*tables, processed_of(home) / MANIFEST):
                files.put_file(str(path), str(there / path.name))


def _opened(address: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise UsageError("remote-not-installed", address=address) from error
    try:
        files, root = url_to_fs(address)
    except (ValueError, ImportError) as error:
        raise UsageError("remote-unknown", address=address) from error
    return files, str(root).rstrip("/")


def _fetch(files: Any, source: PurePosixPath, target: Path, *, sheets: bool = True) -> None:
    for one in files.find(str(source)):
        within = PurePosixPath(one).relative_to(source)
        if ".." in within.parts or (not sheets and within.suffix.lower() in SUFFIXES):
            continue
        place = target / within
        place.parent.mkdir(parents=True, exist_ok=True)
        files.get_file(one, str(place))


def _manifest(home: Path) -> bytes | None:
    path = processed_of(home) / MANIFEST
    return path.read_bytes() if path.is_file() else None


class Stored(Mapping[str, pa.Table]):
    """The tables of a store, or of the stores of several blocs, each read when first asked for.

    Parameters
    ----------
    stores
        Stores by the folders of their blocs below ``data/raw``.
    blocs
        Ids of several blocs by their folders: members and files are named with them.
    """

    def __init__(
        self, stores: Mapping[str, disk.Store], blocs: Mapping[str, str] | None = None
    ) -> None:
        self._stores, self._blocs = stores, blocs
        self._read: dict[str, pa.Table] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(tidy.stored())

    def __len__(self) -> int:
        return len(tidy.stored())

    def __getitem__(self, name: str) -> pa.Table:
        if name not in tidy.stored():
            raise KeyError(name)
        if name not in self._read:
            found = [self._named(name, folder) for folder in self._stores]
            self._read[name] = (
                pa.concat_tables(found) if found else tidy.schema_of(name).empty_table()
            )
        return self._read[name]

    def _named(self, name: str, folder: str) -> pa.Table:
        table = self._stores[folder].table(name)
        if self._blocs is None:
            return table
        bloc = self._blocs[folder]
        columns = {"file": f"{folder}/", "row_id": f"{folder}/", "member": f"{bloc}."}
        for column, before in columns.items():
            if column in table.column_names:
                named = pc.binary_join_element_wise(before, table[column], "")
                table = table.set_column(table.column_names.index(column), column, named)
        return with_bloc(table, bloc)


def with_bloc(table: pa.Table, bloc: str) -> pa.Table:
    """Return a table whose rows say of which bloc they are, beside the member."""
    if "member" not in table.column_names or "bloc" in table.column_names:
        return table
    at, same = table.column_names.index("member") + 1, pa.repeat(bloc, table.num_rows)
    return table.add_column(at, "bloc", same)
