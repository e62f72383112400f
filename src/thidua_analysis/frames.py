"""Stored tables as pandas frames and as plain Python values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa

from thidua_analysis import schema
from thidua_analysis.vietnamese.literals import EXACT


def plain(value: Any) -> Any:
    """Return a whole Decimal as int, another without zeros at its end, all else as it is."""
    if isinstance(value, Decimal):
        whole = int(value)
        return whole if whole == value else value.normalize(EXACT)
    return value


def frame(table: pa.Table) -> pd.DataFrame:
    """Return a stored table as a frame with the column types that `Dataset` documents."""
    whole = [n for n in ("year", "row", "revision", "reported_in") if n in table.column_names]
    counts = {pa.int64(): pd.Int64Dtype()}
    made: pd.DataFrame = table.to_pandas(types_mapper=counts.get, date_as_object=False)
    for name in table.column_names:
        if table.schema.field(name).type == schema.EXACT:
            values = [plain(v) for v in table.column(name).to_pylist()]
            made[name] = pd.Series(values, dtype=object, index=made.index)
    for name in whole:
        if not made[name].isna().any():
            made[name] = made[name].astype("int64")
    return made
