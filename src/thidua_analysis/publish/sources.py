"""The end of every part: what the measures mean, and which files the figures come from."""

from __future__ import annotations

from html import escape

import pandas as pd

from thidua_analysis.dataset import Dataset
from thidua_analysis.indicators import entry
from thidua_analysis.messages import text
from thidua_analysis.publish.blocks import Block, table_block
from thidua_analysis.vietnamese.display import date


def definitions(*names: str) -> Block:
    """Return what indicators mean and what is left out.

    Parameters
    ----------
    *names
        Ids in the dictionary.

    Raises
    ------
    UsageError
        If there is no such indicator.
    """
    parts, plain = [], []
    for name in names:
        about = entry(name)
        rest = [about.definition["vi"], about.missing["vi"]]
        told = " ".join(f"{one}." if not one.endswith(".") else one for one in rest)
        parts.append(f"<dt>{escape(about.label['vi'])}</dt><dd>{escape(told)}</dd>")
        plain.append(f"{about.label['vi']}: {told}")
    return Block(f"<dl>{''.join(parts)}</dl>", "\n".join(plain))


def sources(ds: Dataset, year: int) -> Block:
    """Return the files of a year that the figures come from.

    Parameters
    ----------
    ds
        The dataset.
    year
        The year.
    """
    rows = [
        {
            text("column-file"): row["file"],
            text("column-sender"): _sender(ds, row["member"]),
            text("column-revision"): row["revision"],
            text("column-as-of"): date(row["as_of"]),
            text("column-hash"): str(row["sha256"])[:12],
        }
        for row in ds.records("submissions")
        if row["used"] and row["year"] == year
    ]
    return table_block(pd.DataFrame(rows), text("table-sources", year=year))


def _sender(ds: Dataset, member: str | None) -> str:
    return (
        ds.bloc.member(member).short
        if member
        else text("sender-bloc", bloc=ds.bloc.called.capitalize())
    )
