"""Settings that people edit: where they lie; a wrong entry is named, with its line."""

from __future__ import annotations

import codecs
import copy
import datetime as dt
import re
import threading
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from importlib import resources
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any, TypeVar, dataclass_transform

import msgspec
from msgspec import Meta, Struct, StructMeta
from msgspec import ValidationError as Wrong

from thidua_analysis.findings import ConfigError
from thidua_analysis.messages import Lang

FILE = "bloc.toml"
#: Where in ``data/raw`` a bloc keeps what it adds to the forms.
FORMS = "forms"


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class _Frozen(StructMeta):
    """Tells type checkers that entries are frozen: they do not see that this is handed down."""


class Entry(Struct, metaclass=_Frozen, frozen=True, forbid_unknown_fields=True, dict=True):
    """A part of a configuration file: unknown keys are refused, values cannot change."""


#: a text that says something
Text = Annotated[str, Meta(min_length=1, pattern=r"\S")]

Model = TypeVar("Model")
#: where an entry stands: keys, and numbers (from 0) of the entries of a list
Place = Sequence[str | int]

_ONE_AT_A_TIME = threading.RLock()
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\-\"' ]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([\w.\-\"' ]+?)\s*=")
#: what is wrong with an entry, as msgspec says it → key of the message
_KEYS = {
    r"Object contains unknown field `(?P<name>.+)`": "config-unknown-entry",
    r"Object missing required field `(?P<name>.+)`": "config-missing-entry",
    r"Invalid enum value .*": "config-wants-one-of",
    r"Expected `\w+` (?P<bounds>[<>]=? \S+)": "config-wants-bounds",
    r"Expected `int.*": "config-wants-whole",
    r"Expected `(float|decimal).*|Invalid decimal.*": "config-wants-number",
    r"Expected `bool`.*": "config-wants-yes-no",
    r"Expected `str( \| null)?`(, got| of length >= 1).*": "config-wants-text",
    r"Expected `date.*|Invalid RFC3339.*": "config-wants-day",
    r"Expected `array.*": "config-wants-list",
    r"Expected `object.*": "config-wants-table",
}
#: one step of the path in such an error: a key, or the number of an entry
_STEP = re.compile(r"\.([^.\[`]+)|\[(\d+|\.\.\.)\]")


def parse(model: type[Model], text: str | bytes, file: str) -> Model:
    """Validate the text of a TOML file.

    Parameters
    ----------
    model
        What the file must hold.
    text
        Its content.
    file
        Its name, for messages.

    Raises
    ------
    ConfigError
        If it is no TOML, or an entry is missing, unknown or of the wrong kind.
    """
    content = decoded(text, file) if isinstance(text, bytes) else text
    return converted(model, mapping(content, file), file, content)


def converted(model: type[Model], told: Mapping[str, Any], file: str, content: str = "") -> Model:
    """Return what a TOML file says as its model; see `parse`."""
    try:
        return _converted(told, model)
    except Wrong as error:
        raise _wrong_entry(model, told, file, content, str(error)) from None


def _converted(told: Mapping[str, Any], model: type[Model]) -> Model:
    # what msgspec notes of a model at its first use may not be met half done by another thread:
    # the process would end by signal 11
    with _ONE_AT_A_TIME:
        return msgspec.convert(told, model)


def read(model: type[Model], path: Path) -> Model:
    """Validate a TOML file; see `parse`."""
    return parse(model, text_of(path), str(path))


def packaged(model: type[Model], package: str, names: str = "*.toml") -> dict[str, Model]:
    """Return what those TOML files of a package say whose names match, by name; see `parse`."""
    files = sorted(resources.files(package).iterdir(), key=lambda file: file.name)
    return {
        file.name: parse(model, file.read_text(encoding="utf-8"), file.name)
        for file in files
        if fnmatch(file.name, names)
    }


def text_of(path: Path) -> str:
    """Return the text of a configuration file."""
    try:
        content = path.read_bytes()
    except OSError:
        raise ConfigError("config-missing", file=str(path)) from None
    return decoded(content, str(path))


def decoded(content: bytes, file: str) -> str:
    """Return the text of a file; any encoding but plain UTF-8 is named."""
    if content.startswith(codecs.BOM_UTF8):
        raise ConfigError("config-mark", file=file, line=1)
    if content.startswith(_UTF16) or b"\0" in content[:4]:
        raise ConfigError("config-utf16", file=file, line=1)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError("config-not-utf8", file=file, line=line) from None


def mapping(content: str, file: str) -> Mapping[str, Any]:
    """Return what the text of a TOML file says."""
    try:
        return tomllib.loads(content)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _not_toml(file, content, error) from None


def line_of(text: str, place: Place) -> int:
    r"""Return the line (from 1) on which an entry of a TOML file stands, or what it belongs to.

    Examples
    --------
    >>> line_of('[[members]]\nid = "a"\n[[members]]\nid = "b"', ("members", 1, "id"))
    4
    """
    best, depth = 1, 0
    for line, path in _places(text):
        pairs = zip(path, place, strict=False)
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        if shared > depth:
            best, depth = line, shared
    return best


def _places(text: str) -> Iterator[tuple[int, tuple[str | int, ...]]]:
    """Lines that begin a table or a value, with the way there."""
    counts: Counter[tuple[str | int, ...]] = Counter()
    table: tuple[str | int, ...] = ()
    for line, content in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(content):
            table = _with_numbers(_keys(header[2]), counts, header[1] == "[[")
            yield line, table
        elif found := _KEY.match(content):
            yield line, (*table, *_keys(found[1]))


def _keys(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]


def _with_numbers(
    keys: Sequence[str], counts: Counter[tuple[str | int, ...]], is_list: bool
) -> tuple[str | int, ...]:
    """Path of a table, with the number of each list that it stands in."""
    path: tuple[str | int, ...] = ()
    for at, name in enumerate(keys, 1):
        path = (*path, name)
        if at == len(keys) and is_list:
            counts[path] += 1
        if counts[path]:
            path = (*path, counts[path] - 1)
    return path


def known(
    file: str, entry: str, name: str | None, accepted: Iterable[str], line: int | None = None
) -> None:
    """Refuse a name in a file that stands for nothing."""
    accepted = tuple(accepted)
    if name is None or name in accepted:
        return
    words = {"file": file, "entry": entry, "name": name, "accepted": ", ".join(accepted)}
    if line is None:
        raise ConfigError("config-unknown-name", **words)
    raise ConfigError("config-unknown-name-at", line=line, **words)


def _not_toml(file: str, content: str, error: Exception) -> ConfigError:
    """Return the error for a file that is no TOML, with the line where it breaks."""
    place = re.search(r"line (\d+), column (\d+)", str(error))
    if not place:
        return ConfigError("config-not-toml-end", file=file, line=content.count("\n") + 1)
    twice = re.search(r"Cannot (?:overwrite|declare|mutate)", str(error))
    key = "config-twice" if twice else "config-not-toml"
    return ConfigError(key, file=file, line=place[1], column=place[2])


def _wrong_entry(
    model: Any, told: Mapping[str, Any], file: str, content: str, error: str
) -> ConfigError:
    said, _, path = error.partition(" - at `$")
    patterns = ((re.fullmatch(pattern, said), key) for pattern, key in _KEYS.items())
    found, key = next((pair for pair in patterns if pair[0]), (None, "config-wrong-entry"))
    place, value = _place(model, told, path, error)
    groups = found.groupdict() if found else {}
    if name := groups.get("name"):
        place, value = (*place, name), value.get(name)
    accepted = _accepted(model, place)
    return ConfigError(
        "config-wants-one-of" if accepted else key,
        file=file,
        line=line_of(content, place),
        entry=".".join(str(part + 1 if isinstance(part, int) else part) for part in place),
        value=_shown(value),
        accepted=", ".join(map(repr, accepted)),
        bounds=groups.get("bounds", "").replace(">=", "≥").replace("<=", "≤"),
    )


def _place(model: Any, told: Any, path: str, error: str) -> tuple[tuple[str | int, ...], Any]:
    """Return where an entry stands, and what stands there.

    An error does not name the keys that a file may choose: it is the one of a mapping that alone
    leads to the same error.
    """
    told = at = copy.deepcopy(told)
    place: tuple[str | int, ...] = ()
    for name, number in _STEP.findall(path):
        if number == "...":
            name = _alone(model, told, at, error)
        place = (*place, name or int(number))
        at = at[place[-1]]
    return place, at


def _alone(model: Any, told: Any, mapping: dict[str, Any], error: str) -> str:
    """Leave in a mapping only what leads to an error, and return its key."""
    every = dict(mapping)
    for name, value in every.items():
        mapping.clear()
        mapping[name] = value
        try:
            _converted(told, model)
        except Wrong as again:
            if str(again) == error:
                return name
    raise AssertionError(error)


def _accepted(model: Any, place: Place) -> tuple[Any, ...]:
    """Return the values that an entry may have; none where there is no list of them."""
    from msgspec import inspect

    kinds: Iterable[Any] = [inspect.type_info(model)]
    for step in place:
        inner = (one for kind in kinds for one in _inside(kind, step))
        kinds = [kind for one in inner for kind in getattr(one, "types", (one,))]
    return tuple(value for kind in kinds for value in getattr(kind, "values", ()))


def _inside(kind: Any, step: str | int) -> list[Any]:
    if hasattr(kind, "fields"):
        return [field.type for field in kind.fields if field.encode_name == step]
    return [getattr(kind, name) for name in ("value_type", "item_type") if hasattr(kind, name)]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)[:80] if isinstance(value, str | int | float | dt.date) else "[…]"


def raw_of(data: Path) -> Path:
    """Return the folder of what was received.

    It is ``raw`` in a data folder. The folder of one of several blocs, ``data/raw/<bloc>``, takes
    the place of a data folder in every call; what its members sent lies directly in it.
    """
    own = data.absolute().parent.name == "raw" and (data / FILE).is_file()
    return data if own else data / "raw"


def processed_of(data: Path) -> Path:
    """Return the folder of the processed data: of one of several blocs its own one."""
    if raw_of(data) != data:
        return data / "processed"
    home = data.resolve()
    return home.parents[1] / "processed" / home.name


def project_of(data: Path) -> Path:
    """Return the folder that holds the data folder, and beside it the notebooks."""
    return data.resolve().parents[2 if raw_of(data) == data else 0]


def reports_of(data: Path, lang: Lang = "vi") -> Path:
    """Return the folder of all reports in a language: of one of several blocs its own one."""
    home = project_of(data) / "reports" / ("" if lang == "vi" else lang)
    return home / data.resolve().name if raw_of(data) == data else home


def notebooks_of(data: Path) -> Path:
    """Return the folder of the notebooks: those of several blocs stand by themselves."""
    home = project_of(data) / "notebooks"
    return home / "nhieu_khoi" if blocs_in(data) else home


def is_bloc(name: str) -> bool:
    """Whether a folder of this name in ``data/raw`` is that of a bloc, not of a year, of forms."""
    return not name.isdigit() and name != FORMS


def blocs_in(data: Path) -> tuple[Path, ...]:
    """Return the folders of several blocs, ``data/raw/<bloc>``; none where there is one bloc.

    Raises
    ------
    ConfigError
        If there is a bloc file for all beside those of the blocs.
    """
    raw = raw_of(data)
    found = sorted(p.parent for p in raw.glob(f"*/{FILE}") if is_bloc(p.parent.name))
    if found and (raw / FILE).is_file():
        raise ConfigError("bloc-and-blocs", file=str(raw / FILE), other=str(found[0] / FILE))
    return tuple(found)
