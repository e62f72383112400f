"""Settings that people edit: where they lie; a wrong entry is named, with its line."""

from __future__ import annotations

import codecs
import datetime as dt
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from importlib import resources
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Strict, StringConstraints
from pydantic import ValidationError as Wrong

from thidua_analysis.findings import ConfigError
from thidua_analysis.messages import Lang

FILE = "bloc.toml"


class Entry(BaseModel):
    """A part of a configuration file: unknown keys are refused, values cannot change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _day(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError("a number is no day")
    return value


#: a whole number; true and 1.0 are none
Whole = Annotated[int, Strict()]
#: a text that says something
Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]
#: a day; 20231215 is none
Day = Annotated[dt.date, BeforeValidator(_day)]

Model = TypeVar("Model", bound=BaseModel)
#: where an entry stands: keys, and numbers (from 0) of the entries of a list
Place = Sequence[str | int]

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\-\"' ]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([\w.\-\"' ]+?)\s*=")
#: how pydantic's name of what is wrong begins → key of the message
_KEYS = {
    "extra_forbidden": "config-unknown-entry",
    "missing": "config-missing-entry",
    "int": "config-wants-whole",
    "bool": "config-wants-yes-no",
    "string_type": "config-wants-text",
    "string_too_short": "config-wants-text",
    "tuple": "config-wants-list",
    "too_short": "config-wants-list",
    "model": "config-wants-table",
    "dict": "config-wants-table",
    "date": "config-wants-day",
    "value_error": "config-wants-day",
    "decimal": "config-wants-number",
    "literal": "config-wants-one-of",
    "greater": "config-wants-bounds",
    "less": "config-wants-bounds",
}
#: bounds as pydantic names them
_SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


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
    try:
        return model.model_validate(mapping(content, file))
    except Wrong as error:
        raise _wrong_entry(file, content, error) from None


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


def _wrong_entry(file: str, content: str, error: Wrong) -> ConfigError:
    first = error.errors()[0]
    entry = ".".join(str(part + 1 if isinstance(part, int) else part) for part in first["loc"])
    key = next((k for kind, k in _KEYS.items() if first["type"].startswith(kind)), None)
    context = first.get("ctx", {})
    bounds = (f"{sign} {context[name]}" for name, sign in _SIGNS.items() if name in context)
    return ConfigError(
        key or "config-wrong-entry",
        file=file,
        line=line_of(content, first["loc"]),
        entry=entry,
        value=_shown(first["input"]),
        accepted=str(context.get("expected", "")).replace(" or ", ", "),
        bounds=" ".join(bounds),
    )


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


def blocs_in(data: Path) -> tuple[Path, ...]:
    """Return the folders of several blocs, ``data/raw/<bloc>``; none where there is one bloc.

    Raises
    ------
    ConfigError
        If there is a bloc file for all beside those of the blocs.
    """
    raw = raw_of(data)
    found = sorted(p.parent for p in raw.glob(f"*/{FILE}") if not p.parent.name.isdigit())
    if found and (raw / FILE).is_file():
        raise ConfigError("bloc-and-blocs", file=str(raw / FILE), other=str(found[0] / FILE))
    return tuple(found)
