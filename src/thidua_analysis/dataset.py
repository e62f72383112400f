"""Dataset: the tidy tables of all years, the analyst's handle."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from decimal import Decimal
from functools import cached_property
from numbers import Integral
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from thidua_analysis.findings import UsageError
from thidua_analysis.form.bloc import Bloc, load_bloc
from thidua_analysis.form.blocs import load_blocs, together
from thidua_analysis.form.config import blocs_in
from thidua_analysis.form.forms import bring, brought_now, current
from thidua_analysis.messages import LANGUAGES, Lang, language, text
from thidua_analysis.store import disk, opened, tidy
from thidua_analysis.store.made import assemble
from thidua_analysis.submission.rows import Submission
from thidua_analysis.vietnamese.quantities import places, simplest


def exact_column(values: Iterable[Any], *, floats: bool = False) -> pd.Series:
    """Return numbers as pandas computes with them without losing a digit.

    They are Int64 where all are whole; others floats, where these are wanted and say the same, or
    decimals of Arrow with as many digits as the longest.
    """
    given = [None if value is None or value is pd.NA else value for value in values]
    known = [Decimal(value) for value in given if value is not None]
    kind: Any = pd.Int64Dtype()
    if any(value != int(value) for value in known):
        decimals = max(places(value) for value in known)
        digits = max(len(str(abs(int(value)))) for value in known)
        kind = pd.ArrowDtype(pa.decimal128(digits + decimals, decimals))
        if floats and all(Decimal(repr(float(value))) == value for value in known):
            kind = "float64"
    return pd.Series(given, dtype=kind)


def frame(table: pa.Table) -> pd.DataFrame:
    """Return a stored table as a frame with the column types that `Dataset` documents."""
    whole = [n for n in ("year", "row", "revision", "reported_in") if n in table.column_names]
    counts = {pa.int64(): pd.Int64Dtype()}
    made: pd.DataFrame = table.to_pandas(types_mapper=counts.get, date_as_object=False)
    for name in table.column_names:
        if table.schema.field(name).type == tidy.EXACT:
            values = [simplest(v) for v in table.column(name).to_pylist()]
            made[name] = exact_column(values, floats=True)
    for name in whole:
        if not made[name].isna().any():
            made[name] = made[name].astype("int64")
    return made


def as_year(value: Any, years: Iterable[int]) -> int:
    """Return a year: a number, of numpy as well, or one as text; refuse what is none."""
    if isinstance(value, Integral) or (isinstance(value, str) and value.strip().isdecimal()):
        return int(value)
    accepted = ", ".join(map(str, years))
    raise UsageError("scope-unknown", column="year", value=value, accepted=accepted)


Record = Mapping[str, Any]
Made = TypeVar("Made")


class Dataset:
    """What the members and the bloc sent, as tidy tables; nothing in it changes.

    Each table of the forms is a pandas frame, one row per row of a sheet:
    ``commendations``, ``targets``, ``results``, ``movements``, ``initiatives``, ``ranks``,
    ``scores``, ``criteria``, ``votes``, ``roles``, ``honours``.

    ================== ========== ==========================================================
    column             type       meaning
    ================== ========== ==========================================================
    year               int64      year reported on (``roles``: year of the role)
    member             str        member id; missing where a table of the bloc names none
    bloc               str        id of the bloc
    file, sheet, row   str, int64 where the row stands; the file below ``data/raw``
    row_id             str        id of the row, as lineage names it
    fields of the form            names and meanings as in the form: texts and codes ``str``,
                                  counts and ranks ``Int64``, other numbers and money (in
                                  đồng) ``Int64`` where all are whole, else ``float64`` (or
                                  decimals, where floats would say less), dates ``datetime64``
    counted_as         str        what was counted: ``turns`` (lượt) or ``people`` (người)
    period             str        ``year``, ``six_months`` or ``nine_months``
    illustrative       bool       whether the sender marked the values as made up
    revision           int64      which sending this is
    reported_in        int64      year of the submission
    <field>_bound      str        ``gt``, ``ge``, ``lt``, ``le``, ``approx`` where the number
                                  was so qualified ("trên 2.000")
    ================== ========== ==========================================================

    ``submissions`` has one row per file (status, whether it counts, counts of findings),
    ``findings`` one per finding, ``cells`` one per cell that was stored: file, table, row_id,
    field, sheet, cell, typed (text as typed where it differs), value, bound, remark, recipient
    (whether the cell is one recipient of a list, which counts 1); the table of the cells of
    `Thông tin` is ``submissions``, their row_id the file.

    In a dataset of several blocs the id of a member is ``<bloc>.<member>`` and files are named
    ``<folder of the bloc>/<year>/…``; every indicator takes ``by=["bloc", …]``.

    Parameters
    ----------
    tables
        Arrow tables by name.
    bloc
        Who is expected to report.
    manifest
        What was read; see ``manifest.json``.
    members
        Ids of the members that this dataset is about; by default all of the bloc.
    lang
        Language of the texts of figures, ``vi`` or ``en``; by default the one that is spoken.
    blocs
        The blocs by their ids; by default the one.
    """

    def __init__(
        self,
        tables: Mapping[str, pa.Table],
        bloc: Bloc,
        manifest: Mapping[str, Any],
        members: Collection[str] | None = None,
        lang: Lang | None = None,
        blocs: Mapping[str, Bloc] | None = None,
    ) -> None:
        self._tables = tables
        self._frames: dict[str, pd.DataFrame] = {}
        self._records: dict[str, tuple[Record, ...]] = {}
        self._memo: dict[str, Any] = {}
        #: the forms and indicators that its bloc brings
        self._brought = brought_now()
        self._only = frozenset(members) if members is not None else None
        self.bloc = bloc
        self.blocs = blocs or {bloc.id: bloc}
        self.manifest = manifest
        if (lang or language()) not in LANGUAGES:
            raise UsageError("no-language", name=lang or language(), accepted=", ".join(LANGUAGES))
        self.lang: Lang = lang or language()
        #: the data folder, where the dataset was opened from one
        self.folder: Path | None = None

    @classmethod
    def of(cls, submissions: Iterable[Submission], bloc: Bloc, lang: Lang | None = None) -> Dataset:
        """Make a dataset of submissions without writing anything."""
        tables, manifest = assemble(submissions, bloc)
        return cls(tables, bloc, manifest, lang=lang)

    @classmethod
    def open(cls, data: Path, lang: Lang | None = None) -> Dataset:
        """Open the processed data of a data folder as the last build left them.

        Raises
        ------
        ConfigError
            If ``bloc.toml`` is missing or wrong.
        StoreMissingError
            If nothing was built.
        """
        if homes := blocs_in(data):
            found = cls._of_each(load_blocs(homes), lang)
        else:
            stored = disk.read(data)
            found = cls(opened.Stored({"": stored}), load_bloc(data), stored.manifest, lang=lang)
        found.folder = data
        return found

    @classmethod
    def _of_each(cls, homes: Mapping[Path, Bloc], lang: Lang | None) -> Dataset:
        """Make one dataset of several blocs; one that has nothing built has sent nothing."""
        stores: dict[str, disk.Store] = {}
        for home in homes:
            with suppress(disk.StoreMissingError):
                stores[home.name] = disk.read(home)
        blocs = {home.name: bloc for home, bloc in homes.items()}
        manifest = {
            "years": sorted({year for one in stores.values() for year in one.manifest["years"]}),
            "files": [
                {
                    **entry,
                    "file": f"{folder}/{entry['file']}",
                    "member": entry["member"] and f"{blocs[folder].id}.{entry['member']}",
                }
                for folder, one in stores.items()
                for entry in one.manifest["files"]
            ],
            "findings": [found for one in stores.values() for found in one.manifest["findings"]],
        }
        own = {bloc.id: bloc for bloc in blocs.values()}
        tables = opened.Stored(stores, {folder: bloc.id for folder, bloc in blocs.items()})
        return cls(tables, together(blocs.values()), manifest, lang=lang, blocs=own)

    def __getattr__(self, name: str) -> pd.DataFrame:
        """Return a table as a frame."""
        if name.startswith("_"):
            raise AttributeError(name)
        bring(self._brought)
        if name not in tidy.stored():
            raise AttributeError(text("no-table", name=name, accepted=", ".join(tidy.stored())))
        return self.frame(name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *tidy.stored()]

    def __repr__(self) -> str:
        years = ", ".join(map(str, self.years))
        return f"Dataset({self.bloc.id}: {years}; {len(self.members)} members)"

    def frame(self, table: str) -> pd.DataFrame:
        """Return a table as a pandas frame; each call gives an own copy.

        Raises
        ------
        UsageError
            If there is no such table.
        """
        if table not in self._frames:
            self._frames[table] = frame(self.arrow(table))
        return self._frames[table].copy()

    def records(self, table: str) -> tuple[Record, ...]:
        """Return the rows of a table as mappings of plain Python values, missing is None.

        Raises
        ------
        UsageError
            If there is no such table.
        """
        if table not in self._records:
            self._records[table] = tuple(
                {k: simplest(v) for k, v in row.items()} for row in self.arrow(table).to_pylist()
            )
        return self._records[table]

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Years of the submissions that count, in order."""
        return tuple(sorted({s["year"] for s in self.records("submissions") if s["used"]}))

    @cached_property
    def members(self) -> tuple[str, ...]:
        """Ids of the members, in the order of the bloc file."""
        return tuple(m.id for m in self.bloc.members if self._only is None or m.id in self._only)

    @property
    def is_part(self) -> bool:
        """Whether this dataset was narrowed down to some members."""
        return len(self.members) < len(self.bloc.members)

    def expected(self, year: int) -> tuple[str, ...]:
        """Ids of the members that are expected to report on a year."""

        def make() -> tuple[str, ...]:
            own = frozenset(self.members)
            return tuple(m.id for m in self.bloc.members_in(year) if m.id in own)

        return self.memo(f"expected {year}", make)

    def bloc_of(self, member: str) -> str:
        """Return the id of the bloc of a member."""

        def make() -> dict[str, str]:
            return {one.id: bloc.id for bloc in self.blocs.values() for one in bloc.members}

        return self.memo("bloc of a member", make)[member]

    def filter(
        self,
        year: int | Collection[int] | None = None,
        member: str | Collection[str] | None = None,
        bloc: str | None = None,
    ) -> Dataset:
        """Return the part of the dataset that is about some years or members, or about one bloc.

        Members have any of their names. What the bloc itself sent of them is kept.

        Raises
        ------
        UsageError
            If there is no such member or bloc.
        """
        if bloc is not None:
            return self._of_bloc(bloc).filter(year, member)
        asked = {year} if isinstance(year, int | str | Integral) else year
        years = None if asked is None else {as_year(one, self.years) for one in asked}
        named = {member} if isinstance(member, str) else member
        members = None if named is None else {*map(self.bloc.named, named)} & {*self.members}
        if (years, members) == (None, None):
            return self
        return self.memo(f"part {years} {members}", lambda: self._filtered(years, members))

    def _filtered(self, years: set[int] | None, members: set[str] | None) -> Dataset:
        only = members if members is not None else self._only
        return self._with(lambda table: _part(table, years, members), self.bloc, only)

    def _of_bloc(self, bloc: str) -> Dataset:
        if bloc not in self.blocs:
            raise UsageError("bloc-unknown", name=bloc, accepted=", ".join(self.blocs))

        def own(table: pa.Table) -> pa.Table:
            return table.filter(pc.equal(table["bloc"], bloc))

        return self.memo(f"bloc {bloc}", lambda: self._with(own, self.blocs[bloc], self._only))

    def _with(
        self, part_of: Callable[[pa.Table], pa.Table], bloc: Bloc, only: Collection[str] | None
    ) -> Dataset:
        """Return a part of this dataset: a part of each table, and the cells of their rows."""
        tables = {n: part_of(self.arrow(n)) for n in tidy.stored() if n != "cells"}
        rows = [tables[n]["row_id"] for n in tidy.table_names()] + [tables["submissions"]["file"]]
        kept = pa.chunked_array([chunk for ids in rows for chunk in ids.chunks], pa.string())
        cells = self.arrow("cells")
        tables["cells"] = cells.filter(pc.is_in(cells["row_id"], kept))
        blocs = self.blocs if bloc is self.bloc else {bloc.id: bloc}
        part = Dataset(tables, bloc, self.manifest, only, self.lang, blocs)
        part.folder = self.folder
        return part

    def coverage(self) -> pd.DataFrame:
        """Return who reported what.

        Returns
        -------
        pandas.DataFrame
            One row per year and table that members fill: ``year``, ``table``, ``reporting``
            (members with at least one row), ``expected``, ``missing`` (tuple of member ids).
        """
        rows = []
        for year in self.years:
            expected = self.expected(year)
            for table in current("unit", year).tables:
                if table.adds_up_to:
                    continue
                sent = self.reporting(table.id).get(year, frozenset())
                missing = tuple(m for m in expected if m not in sent)
                rows.append(
                    {
                        "year": year,
                        "table": table.id,
                        "reporting": len(expected) - len(missing),
                        "expected": len(expected),
                        "missing": missing,
                    }
                )
        return pd.DataFrame(rows, columns=["year", "table", "reporting", "expected", "missing"])

    def reporting(self, table: str) -> Mapping[int, frozenset[str]]:
        """Return by year the ids of the members of whom a table has rows."""
        found: dict[int, set[str]] = {}
        for row in self.records(table):
            if row["member"] is not None:
                found.setdefault(row["year"], set()).add(row["member"])
        return {year: frozenset(members) for year, members in found.items()}

    def of_file(self, table: str, file: str) -> tuple[Record, ...]:
        """Return the rows of a table that stand in a file; see `records`."""

        def make() -> dict[str, list[Record]]:
            found: dict[str, list[Record]] = {}
            for row in self.records(table):
                found.setdefault(row["file"], []).append(row)
            return found

        return tuple(self.memo(f"{table} by file", make).get(file, ()))

    def memo(self, name: str, make: Callable[[], Made]) -> Made:
        """Return what `make` gives, made once for this dataset."""
        bring(self._brought)
        if name not in self._memo:
            self._memo[name] = make()
        made: Made = self._memo[name]
        return made

    def arrow(self, table: str) -> pa.Table:
        """Return a table as it is stored."""
        bring(self._brought)
        try:
            return opened.with_bloc(self._tables[table], self.bloc.id)
        except KeyError:
            raise UsageError(
                "table-unknown", name=table, accepted=", ".join(tidy.stored())
            ) from None


def _part(table: pa.Table, years: set[int] | None, members: set[str] | None) -> pa.Table:
    if years is not None:
        table = table.filter(pc.is_in(table["year"], pa.array(sorted(years), pa.int64())))
    if members is not None:
        named = pc.is_in(table["member"], pa.array(sorted(members), pa.string()))
        table = table.filter(pc.or_(named, pc.is_null(table["member"])))
    return table
