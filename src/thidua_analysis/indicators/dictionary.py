"""The dictionary: every indicator with its names, definition, formula, unit and rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, wraps
from importlib import resources
from keyword import iskeyword
from typing import Annotated, Any, Literal, TypeVar, cast

import pandas as pd
from msgspec import Meta

from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import ConfigError, UsageError
from thidua_analysis.form import config
from thidua_analysis.form.bloc import Break
from thidua_analysis.form.config import Entry
from thidua_analysis.form.forms import INDICATORS, brought, of_forms
from thidua_analysis.messages import keys, language, message, text
from thidua_analysis.store import tidy
from thidua_analysis.vietnamese.quantities import exactly

FILE = "dictionary.toml"
Kind = Literal["count", "amount", "share", "ratio", "status", "days", "rank", "points"]

_NAME = re.compile(r"[a-z][a-z0-9_]+")
_SUM = rf"Σ (?:{_NAME.pattern}|\({_NAME.pattern}(?: \+ {_NAME.pattern})+\))"
#: What a formula of a bloc's own may be: a sum, or one sum over another.
_SUMS = re.compile(f"{_SUM}(?: / {_SUM})?")
#: What `thidua_analysis.indicators` holds beside indicators.
OTHERS = frozenset(
    "appraisal changes contributions described entry functions growth neighbours proposals "
    "ranking sensitivity spread".split()
)
#: Words of a formula that are no fields.
_WORDS = frozenset(
    "count distinct mirrored attainment required filled expected received due".split()
)
_CODES = frozenset("lower self appraised main bonus deduction error cell".split())


class Words(Entry):
    """A text in both languages."""

    vi: str
    en: str

    def __getitem__(self, lang: str) -> str:
        return self.vi if lang == "vi" else self.en

    def __str__(self) -> str:
        """Return the text in the language that is spoken."""
        return self[language()]


class Indicator(Entry, kw_only=True):
    """One indicator as the dictionary describes it; see the head of ``dictionary.toml``."""

    label: Words
    definition: Words
    formula: str
    table: str
    kind: Kind
    unit: Words
    of: Words | None = None
    decimals: Annotated[int, Meta(ge=0, le=6)]
    aggregation: Literal["add", "distinct", "list"]
    composed_by: str | None = None
    shown: tuple[tuple[str, ...], ...]
    missing: Words
    breaks: tuple[str, ...] = ()
    counts_below: int = 10

    @property
    def in_points(self) -> bool:
        """Whether years are compared by a quotient, so that a change is one of points."""
        return self.kind == "share" or self.unit.vi == "%"

    @property
    def point_decimals(self) -> int:
        """Decimals of a change in points: at least one, also where the figure is a count."""
        return max(1, self.decimals)

    @property
    def fields(self) -> frozenset[str]:
        """Fields that the formula names."""
        return frozenset(_NAME.findall(self.formula)) - _WORDS - _CODES

    @property
    def added(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Fields that are added up and those that these are divided by: ``Σ (a + b) / Σ c``."""
        upper, _, lower = self.formula.partition(" = ")[0].partition(" / ")
        return tuple(_NAME.findall(upper)), tuple(_NAME.findall(lower))


Function = Callable[..., pd.DataFrame]
Given = TypeVar("Given", bound=Function)
_functions: dict[str, Function] = {}
_recipes: list[Callable[[str], Function]] = []


def refuse_other(ds: object) -> None:
    """Refuse what stands in the place of a dataset."""
    if not isinstance(ds, Dataset):
        raise UsageError("needs-dataset", kind=type(ds).__name__)


def indicator(function: Given) -> Given:
    """Register the function that computes the indicator of its own name, without rounding."""
    _functions[function.__name__] = registered(function)
    return cast("Given", _functions[function.__name__])


def registered(function: Function) -> Function:
    """Return the function of an indicator so that what is asked twice of a dataset is made once.

    Each call gets an own copy.
    """
    exact = exactly(function)

    @wraps(function)
    def frame(ds: Dataset, *by: Any, **options: Any) -> pd.DataFrame:
        refuse_other(ds)
        words = {**options, **({"by": by[0]} if by else {})}
        if isinstance(words.get("by"), str):
            words["by"] = (words["by"],)  # one breakdown as well as several
        asked = f"{function.__name__}{sorted(words.items())}"
        return ds.memo(asked, lambda: exact(ds, **words)).copy()

    return frame


def functions() -> dict[str, Function]:
    """Return the function of every indicator, in the order of the dictionary.

    Raises
    ------
    ConfigError
        If an entry has no function or a function no entry.
    """
    matched({n: e for n, e in dictionary().items() if n not in own()}, _functions)
    return {name: _functions.get(name) or _of_own(name) for name in dictionary()}


@of_forms
def _of_own(name: str) -> Function:
    return registered(_recipes[0](name))


def recipe(make: Callable[[str], Function]) -> Callable[[str], Function]:
    """Let the functions of the indicators that blocs bring be made so."""
    _recipes[:] = [make]
    return make


def matched(entries: dict[str, Indicator], found: dict[str, Function]) -> None:
    """Refuse a dictionary entry without a function and a function without an entry."""
    for name in sorted(set(entries) ^ set(found)):
        config.known(FILE, name, name, sorted(set(entries) & set(found)))


@of_forms
def dictionary() -> dict[str, Indicator]:
    """Return every indicator by id; one that names a field or break that is none is refused."""
    entries = parse(packaged(FILE))
    for name, broken in national_breaks().items():
        config.known("breaks.toml", name, broken.instead, sorted(entries))
    return entries | own()


@of_forms
def own() -> dict[str, Indicator]:
    """Return the indicators that the bloc brings, by id: sums of fields, and quotients of sums.

    Raises
    ------
    ConfigError
        If an entry is wrong, has the name of another indicator or another formula.
    """
    found: dict[str, Indicator] = {}
    for file, content in brought(INDICATORS).items():
        told = {name: _in_full(said) for name, said in config.mapping(content, file).items()}
        entries = config.converted(dict[str, Indicator], told, file, content)
        for name, made in entries.items():
            line = config.line_of(content, (name,))
            where = {"file": file, "line": line, "name": name}
            taken = name in _functions or name in OTHERS or iskeyword(name)
            if taken or not _NAME.fullmatch(name):
                raise ConfigError("indicator-taken", **where)
            if not _SUMS.fullmatch(made.formula) or made.aggregation != "add":
                raise ConfigError("indicator-formula", **where, formula=made.formula)
            _refuse_no_numbers(name, made, file, line)
        refuse_unknown(entries, file)
        found |= entries
    return found


def _refuse_no_numbers(name: str, made: Indicator, file: str, line: int) -> None:
    """Refuse an indicator of a bloc on what the forms have no numbers of, or of a wrong kind."""
    config.known(file, f"{name}.table", made.table, sorted(tidy.table_names()), line)
    columns = tidy.columns()[made.table]
    numbers = [one.name for one in columns if one.field and one.field.is_numeric]
    for word in sorted(made.fields):
        config.known(file, f"{name}.formula", word, numbers, line)
    kinds = ("share", "ratio") if " / " in made.formula else ("count", "amount")
    config.known(file, f"{name}.kind", made.kind, kinds, line)


def _in_full(said: Any) -> Any:
    """Return an entry of a bloc's own with what most of them leave out, in either language."""
    if not isinstance(said, dict):
        return said
    usual = {
        "decimals": 0, "aggregation": "add", "shown": [["year"], ["year", "member"]],
        "definition": said.get("label", ""), "missing": dict(message("own-missing")),
    }  # fmt: skip
    texts = ("label", "definition", "unit", "of", "missing")
    return {
        name: {"vi": value, "en": value} if name in texts and isinstance(value, str) else value
        for name, value in {**usual, **said}.items()
    }


def parse(text: str) -> dict[str, Indicator]:
    """Read a dictionary; see `dictionary`."""
    entries = config.parse(dict[str, Indicator], text, FILE)
    refuse_unknown(entries, FILE)
    return entries


def refuse_unknown(entries: dict[str, Indicator], file: str) -> None:
    """Refuse entries that name tables, breaks or fields which there are not."""
    columns = {c.name for columns in tidy.columns().values() for c in columns}
    fields = sorted(columns | set(tidy.SUBMISSIONS.names))
    tables = sorted(tidy.stored())
    for name, entry in entries.items():
        config.known(file, f"{name}.table", entry.table, tables)
        for used in entry.breaks:
            config.known(file, f"{name}.breaks", used, sorted(national_breaks()))
        config.known(file, f"{name}.composed_by", entry.composed_by, fields)
        for word in sorted(entry.fields):
            config.known(file, f"{name}.formula", word, fields)


def entry(name: str) -> Indicator:
    """Return one indicator.

    Raises
    ------
    UsageError
        If there is no such indicator.
    """
    if name not in dictionary():
        raise UsageError("indicator-unknown", name=name, accepted=", ".join(dictionary()))
    return dictionary()[name]


@cache
def national_breaks() -> dict[str, Break]:
    """Return the breaks that hold for every bloc, by id."""
    file = "breaks.toml"
    found = config.mapping(packaged(file), file)
    return {key: config.converted(Break, {"id": key, **told}, file) for key, told in found.items()}


def packaged(file: str) -> str:
    """Return a file of this folder."""
    return (resources.files(__package__) / file).read_text(encoding="utf-8")


def label(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame as people read it: names for codes, and columns in words.

    Parameters
    ----------
    frame
        A frame of figures, or one made of such; the language is that of its dataset. What has no
        words stays as it is.

    Returns
    -------
    pandas.DataFrame
        A copy to look at or to paste; charts and `trace` take the frame itself.

    Raises
    ------
    UsageError
        If it is no frame.
    """
    if not isinstance(frame, pd.DataFrame):
        raise UsageError("label-no-frame", kind=type(frame).__name__)
    lang, told = frame.attrs.get("lang", language()), frame.copy()
    known = {"indicator": {n: e.label[lang] for n, e in dictionary().items()}}
    known |= frame.attrs.get("names", {})
    for column in told.columns.intersection(list(known)):
        told[column] = [known[column].get(str(value), value) for value in told[column]]
    words = {f"frame-{c}": c for c in told} | {f"dimension-{c}": c for c in told}
    return told.rename(columns={c: text(k, lang) for k, c in words.items() if k in keys()})
