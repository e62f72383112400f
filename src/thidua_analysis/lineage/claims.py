"""Published claims against what the submissions give: reproduced, not, or cannot be derived."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from msgspec import field
from msgspec.structs import replace

from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import ConfigError, UsageError
from thidua_analysis.form import config
from thidua_analysis.form.config import Entry
from thidua_analysis.indicators import entry, functions
from thidua_analysis.indicators.dictionary import Words, dictionary
from thidua_analysis.indicators.figure import exact_share, framed
from thidua_analysis.indicators.selection import listed, scoped, values
from thidua_analysis.lineage.percentages import Qualifier, agrees
from thidua_analysis.lineage.register import ids, marked, unmarked
from thidua_analysis.messages import singular, text
from thidua_analysis.store import tidy
from thidua_analysis.vietnamese.display import is_money, money, number

FILE = "published.toml"
#: Qualifier of a claim → how the key of its words ends.
_WORDS: dict[str, str] = {
    ">": "over",
    ">=": "at-least",
    "<": "under",
    "<=": "at-most",
    "nearly": "nearly",
    "about": "about",
}
COLUMNS = (
    *("id", "year", "claim", "published", "computed", "verdict", "why"),
    *("figures", "unit", "source"),
)
Verdict = Literal["reproduced", "does-not-follow", "cannot-be-derived"]
#: Verdict, what was computed as printed, and why.
Outcome = tuple[Verdict, str, str]


class Call(Entry):
    """What a claim is computed from: a call of an indicator, or cells of a table.

    Further words of the entry are those of the call.
    """

    indicator: str | None = None
    by: tuple[str, ...] = ("year",)
    table: str | None = None
    where: dict[str, Any] = field(default_factory=dict)
    column: str | None = None
    scope: dict[str, Any] = field(default_factory=dict)


class Claim(Entry):
    """One published claim; see the head of ``published.toml``."""

    id: str
    year: int
    kind: Literal["number", "range", "rises", "rank", "members"]
    text: Words
    source: str
    unit: str = ""
    value: Decimal | None = None
    qualifier: Qualifier = "="
    part: Literal["value", "numerator", "denominator"] = "value"
    low: Decimal | None = None
    low_qualifier: Qualifier = "="
    high: Decimal | None = None
    high_qualifier: Qualifier = "="
    size: int | None = None
    members: tuple[str, ...] = ()
    definition: Words | None = None
    assumed: Words | None = None
    computed_from: Call | None = None
    underivable: Words | None = None


class _Published(Entry):
    claim: tuple[Claim, ...] = ()


def verify(ds: Dataset, path: Path | None = None) -> pd.DataFrame:
    """Compare published claims with what the dataset gives; of a part those about its members.

    Parameters
    ----------
    ds
        The dataset.
    path
        File of claims; by default ``raw/published.toml`` of the dataset's folder.

    Returns
    -------
    pandas.DataFrame
        One row a claim: ``id``, ``year``, ``claim`` (its text), ``published``, ``computed`` (as
        printed), ``verdict`` (``reproduced``, ``does-not-follow``, ``cannot-be-derived``),
        ``why``, ``figures`` (tuple of ids), ``unit``, ``source``. Its ``attrs["linked"]`` holds
        by the id of a claim what was computed with the figures marked in it; see
        `thidua_analysis.lineage.register`.

    Raises
    ------
    ConfigError
        If the file is wrong, or names an indicator or table that does not exist.
    """
    rows, linked = [], {}
    for claim in read(path or (ds.folder or Path("data")) / "raw" / FILE):
        if ds.is_part and not _of_part(ds, claim):
            continue
        verdict, computed, why, figures = _judge(ds, claim)
        linked[claim.id] = computed
        rows.append(
            {
                "id": claim.id,
                "year": claim.year,
                "claim": claim.text[ds.lang],
                "published": published(ds, claim),
                "computed": unmarked(computed),
                "verdict": verdict,
                "why": why,
                "figures": figures,
                "unit": claim.unit,
                "source": claim.source,
            }
        )
    return framed(rows, COLUMNS, {"linked": linked})


def read(path: Path) -> tuple[Claim, ...]:
    """Return the claims of a file, none where there is no such file; see `verify`."""
    if not path.exists():
        return ()
    content = config.text_of(path)
    told = config.mapping(content, str(path))
    for call in (claim.get("computed_from") for claim in told.get("claim", ())):
        if isinstance(call, dict):
            others = [name for name in call if name not in Call.__struct_fields__]
            call["scope"] = {name: call.pop(name) for name in others}
    claims = config.converted(_Published, told, str(path), content).claim
    for at, claim in enumerate(claims):
        call = claim.computed_from
        if (call is None) == (claim.underivable is None):
            where = {"file": str(path), "line": config.line_of(content, ("claim", at))}
            raise ConfigError("claim-computed", **where, entry=claim.id)
        if call is not None:
            config.known(str(path), claim.id, call.indicator, functions())
    return claims


def _of_part(ds: Dataset, claim: Claim) -> bool:
    """Whether a claim is about members of a part of the bloc, and about no others."""
    call = claim.computed_from or Call()
    named = call.scope.get("member") or call.where.get("member") or claim.members
    whom = {ds.bloc.match_member(one) for one in values(named)}
    return bool(whom) and whom <= set(ds.members)


def published(ds: Dataset, claim: Claim) -> str:
    """Return what was published, as printed."""
    if claim.underivable is not None:
        return ""
    unit = _unit(ds, claim)
    if claim.kind == "range":
        low = _qualified(ds, claim.low, claim.low_qualifier, unit)
        high = _qualified(ds, claim.high, claim.high_qualifier, unit)
        return f"{low} – {high}"
    if claim.kind == "rank":
        return f"{claim.value}/{claim.size}"
    if claim.kind == "members":
        return _names(ds, claim.members)
    if claim.kind == "rises":
        return text("claim-rises", ds.lang)
    return _qualified(ds, claim.value, claim.qualifier, unit)


def _unit(ds: Dataset, claim: Claim) -> str:
    """Return the unit of a claim: that of its indicator in the language asked for, or as typed."""
    about = dictionary().get((claim.computed_from or Call()).indicator or "")
    return about.unit[ds.lang] if about and about.unit.vi == claim.unit else claim.unit


def _judge(ds: Dataset, claim: Claim) -> tuple[Verdict, str, str, tuple[str, ...]]:
    if claim.underivable is not None:
        return "cannot-be-derived", "", claim.underivable[ds.lang], ()
    call = claim.computed_from
    if call is None or (call.table and claim.kind == "members"):
        verdict, computed, why = _members(ds, claim)
        return verdict, computed, why, ()
    frame = _frame(ds, call)
    usable = frame[frame["value"].notna()]
    if usable.empty:
        return "cannot-be-derived", "", text("claim-no-data", ds.lang, year=claim.year), ()
    verdict, computed, why = _KINDS[claim.kind](ds, claim, usable)
    absent = [m for m in ds.members if any(m in missing for missing in frame["missing"])]
    if verdict == "does-not-follow" and absent:
        verdict = "cannot-be-derived"
        why = text("why-incomplete", ds.lang, members=_names(ds, absent))
    return verdict, computed, why, tuple(usable["id"])


def _frame(ds: Dataset, call: Call) -> pd.DataFrame:
    try:
        frame = functions()[call.indicator or ""](ds, by=call.by, **call.scope)
    except UsageError as error:
        if error.key == "scope-unknown":  # of nobody here: there is nothing to derive it from
            return pd.DataFrame({"value": [], "missing": []})
        raise ConfigError(error.key, **error.params) from None
    frame.attrs.setdefault("scope", {})
    return frame.assign(id=ids(frame))


def _number(ds: Dataset, claim: Claim, frame: pd.DataFrame) -> Outcome:
    figure = listed(frame)[0]
    value, decimals = _exact(figure, claim), _decimals(claim.value)
    # "trên 2.000" in a submission is above 2.000, though its number is 2.000
    above = claim.qualifier == ">" and figure["bound"] == "gt"
    qualifier: Qualifier = ">=" if above else claim.qualifier
    right = len(frame) == 1 and agrees(value, qualifier, claim.value or Decimal(0), decimals)
    printed, unit = str(figure["text"]), str(figure["unit"])
    with_unit = printed if unit in printed or is_money(unit) else singular(f"{printed} {unit}")
    return _outcome(ds, claim, right, marked(with_unit, figure["id"]))


def _range(ds: Dataset, claim: Claim, frame: pd.DataFrame) -> Outcome:
    by_value = sorted(listed(frame), key=lambda row: _exact(row, claim))
    lowest, highest = by_value[0], by_value[-1]
    low, high = claim.low or Decimal(0), claim.high or Decimal(0)
    right = agrees(_exact(lowest, claim), claim.low_qualifier, low, _decimals(low)) and agrees(
        _exact(highest, claim), claim.high_qualifier, high, _decimals(high)
    )
    printed = f"{_linked(lowest)} – {_linked(highest)}"
    return _outcome(ds, claim, right, printed)


def _rises(ds: Dataset, claim: Claim, frame: pd.DataFrame) -> Outcome:
    call = claim.computed_from or Call()
    before = _frame(ds, replace(call, scope={**call.scope, "year": claim.year - 1}))
    keys = [name for name in call.by if name != "year"]
    earlier = {tuple(row[k] for k in keys): row for row in listed(before)}
    rows = listed(frame)
    pairs = [(row, earlier.get(tuple(row[k] for k in keys))) for row in rows]
    known = [(now, then) for now, then in pairs if then is not None and now["comparable"]]
    right = len(known) == len(pairs) and all(
        _exact(now, claim) > _exact(then, claim) for now, then in known
    )
    printed = "; ".join(f"{_linked(then)} → {_linked(now)}" for now, then in known)
    return _outcome(ds, claim, right, printed)


def _rank(ds: Dataset, claim: Claim, frame: pd.DataFrame) -> Outcome:
    figure = listed(frame)[0]
    right = (figure["numerator"], figure["denominator"]) == (claim.value, claim.size)
    return _outcome(ds, claim, right and len(frame) == 1, _linked(figure))


def _members(ds: Dataset, claim: Claim) -> Outcome:
    call = claim.computed_from or Call()
    config.known(FILE, claim.id, call.table or "", tidy.stored())
    columns = ds.arrow(call.table or "").column_names
    for name in (*call.where, call.column or "member"):
        config.known(FILE, claim.id, name, columns)
    rows = scoped(ds.records(call.table or ""), call.where)
    found = tuple(dict.fromkeys(row[call.column or "member"] for row in rows))
    if not found:
        return "cannot-be-derived", "", text("claim-no-data", ds.lang, year=claim.year)
    return _outcome(ds, claim, set(found) == set(claim.members), _names(ds, found))


def _outcome(ds: Dataset, claim: Claim, right: bool, computed: str) -> Outcome:
    said = [words[ds.lang] for words in (claim.definition, claim.assumed) if words]
    if not right:
        said.insert(0, text("claim-differs", ds.lang))
    return ("reproduced" if right else "does-not-follow"), computed, "; ".join(said)


def _exact(row: Any, claim: Claim) -> Fraction:
    """Exact value: of a share from its parts, since the value itself is cut to 28 digits."""
    if claim.part != "value":
        return Fraction(row[claim.part])
    if row["denominator"] is not None and entry(row["indicator"]).unit.vi == "%":
        return exact_share(row["numerator"], row["denominator"])
    return Fraction(row["value"])


def _decimals(printed: Decimal | None) -> int:
    return max(0, -int(printed.as_tuple().exponent)) if printed is not None else 0


def _linked(figure: Any) -> str:
    """Return a figure as printed, marked as the one that it is."""
    return marked(str(figure["text"]), figure["id"])


def _qualified(ds: Dataset, value: Decimal | None, qualifier: Qualifier, unit: str) -> str:
    if is_money(unit):
        printed = money(value, lang=ds.lang, padded=False)
    else:
        joined = unit if unit == "%" else f" {unit}".rstrip()
        printed = singular(number(value, _decimals(value), ds.lang) + joined, ds.lang)
    if qualifier == "=":
        return printed
    return text(f"claim-{_WORDS[qualifier]}", ds.lang, number=printed)


def _names(ds: Dataset, members: Any) -> str:
    return ", ".join(m.short for m in ds.bloc.members if m.id in members)


_KINDS: dict[str, Callable[[Dataset, Claim, pd.DataFrame], Outcome]] = {
    "number": _number,
    "range": _range,
    "rises": _rises,
    "rank": _rank,
}
