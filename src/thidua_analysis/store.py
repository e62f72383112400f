"""The processed data on disk: Parquet tables and a manifest that are always of one build."""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from thidua_analysis import schema, swap
from thidua_analysis.revisions import Placed
from thidua_analysis.submission.rows import Submission
from thidua_analysis.tidy import Tables, finding_record

MANIFEST = "manifest.json"
FORMAT = 1
_TRIES = 4
_WAIT = 0.02


class StoreMissingError(Exception):
    """Raised when there is no whole store in the folder: it must be built."""


@dataclass(frozen=True, slots=True)
class Store:
    """A store as read: its manifest, and the bytes of each table checked against it."""

    manifest: Mapping[str, Any]
    parquet: Mapping[str, bytes]

    def table(self, name: str) -> pa.Table:
        """Return one table.

        Read by one thread from memory: a pool of readers may still run when the program ends,
        and then aborts it.
        """
        file = pq.ParquetFile(pa.BufferReader(self.parquet[name]))
        return file.read(use_threads=False).cast(_schema(name))

    def tables(self) -> Tables:
        """Return all tables by name."""
        return {name: self.table(name) for name in self.parquet}


def folder(data: Path) -> Path:
    """Return the folder of the processed data."""
    return data / "processed"


def write(data: Path, tables: Tables, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the processed data by new tables, all or nothing.

    A kill at any moment leaves the old state or the new one (`thidua_analysis.swap`). The same
    tables and manifest give the same bytes.

    Returns
    -------
    dict
        The manifest as written: the one given, with rows and sha256 of every table.
    """
    encoded = {name: encode(table) for name, table in tables.items()}
    whole = dict(manifest)
    whole["tables"] = {
        name: {"rows": tables[name].num_rows, "sha256": digest(encoded[name])}
        for name in sorted(tables)
    }
    files = {f"{name}.parquet": content for name, content in sorted(encoded.items())}
    files[MANIFEST] = dump(whole)
    files[".gitkeep"] = b""
    swap.replace_folder(folder(data), files)
    return whole


def read(data: Path) -> Store:
    """Read the processed data as one build left them.

    Every table is compared with the hash in the manifest, so that a build that ends meanwhile,
    or a file changed by hand, is never mixed in.

    Raises
    ------
    StoreMissingError
        If there is no store, or its files do not belong together.
    """
    home = folder(data)
    for attempt in range(_TRIES):
        time.sleep(_WAIT * attempt)
        swap.recover(home)
        try:
            manifest = json.loads((home / MANIFEST).read_bytes())
            content = {n: (home / f"{n}.parquet").read_bytes() for n in manifest["tables"]}
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if all(digest(content[n]) == entry["sha256"] for n, entry in manifest["tables"].items()):
            return Store(manifest, content)
    raise StoreMissingError(str(home))


def entry(placed: Placed) -> dict[str, Any]:
    """Return what the manifest says of a file."""
    submission = placed.submission
    return {
        "file": submission.path,
        "sha256": submission.sha256,
        "form": submission.form,
        "member": submission.member,
        "year": submission.year,
        "revision": submission.revision,
        "status": submission.status,
        "used": placed.used,
        "superseded": placed.superseded,
        "withdrawn": placed.withdrawn and placed.withdrawn.model_dump(mode="json"),
        "period": submission.period,
        "places": _places(submission),
        "counts": {n: len(submission.rows[n]) for n in schema.tables() if submission.rows.get(n)},
        "findings": [finding_record(found) for found in submission.findings],
    }


def _places(submission: Submission) -> dict[str, dict[str, list[int]]]:
    """Return by table and sheet the first and the last line that rows stand in."""
    found: dict[str, dict[str, list[int]]] = {}
    for table in schema.tables():
        for row in submission.rows.get(table, ()):
            lines = found.setdefault(table, {}).setdefault(row.sheet, [row.row, row.row])
            lines[:] = min(lines[0], row.row), max(lines[1], row.row)
    return found


def encode(table: pa.Table) -> bytes:
    """Return a table as Parquet: the same table always gives the same bytes."""
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", write_statistics=False, store_schema=True)
    return sink.getvalue()


def dump(content: Mapping[str, Any]) -> bytes:
    """Return JSON that people can read, with a line break at its end."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _schema(name: str) -> pa.Schema:
    fixed = {
        "submissions": schema.SUBMISSIONS,
        "findings": schema.FINDINGS,
        "cells": schema.CELLS,
    }
    return fixed.get(name) or schema.schema(name)


def digest(content: bytes) -> str:
    """Return the sha256 of some bytes."""
    return hashlib.sha256(content).hexdigest()
