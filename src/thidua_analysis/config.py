"""Reading TOML files that people edit: a wrong entry is named in plain words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from thidua_analysis.errors import ConfigError


class Entry(BaseModel):
    """A part of a configuration file: unknown keys are refused, values cannot change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=BaseModel)


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
    try:
        content = text.decode("utf-8") if isinstance(text, bytes) else text
        data: Mapping[str, Any] = tomllib.loads(content)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise not_toml(file, error) from None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _wrong_entry(file, error) from None


def known(file: str, entry: str, name: str | None, accepted: Iterable[str]) -> None:
    """Refuse a name in a file that stands for nothing.

    Parameters
    ----------
    file
        Name of the file, for messages.
    entry
        Where in it the name stands.
    name
        The name; None where none is given.
    accepted
        Names that there are, in the order in which a message lists them.

    Raises
    ------
    ConfigError
        If the name is none of them.
    """
    accepted = tuple(accepted)
    if name is not None and name not in accepted:
        raise ConfigError(
            "config-unknown-name", file=file, entry=entry, name=name, accepted=", ".join(accepted)
        )


def not_toml(file: str, error: Exception) -> ConfigError:
    """Return the error for a file that is no TOML, with the line where it breaks."""
    place = re.search(r"line (\d+), column (\d+)", str(error))
    if place:
        return ConfigError("config-not-toml", file=file, line=place[1], column=place[2])
    return ConfigError("config-not-toml-end", file=file)


def _wrong_entry(file: str, error: ValidationError) -> ConfigError:
    first = error.errors()[0]
    entry = ".".join(str(part) for part in first["loc"])
    keys = {"extra_forbidden": "config-unknown-entry", "missing": "config-missing-entry"}
    key = keys.get(first["type"], "config-wrong-entry")
    return ConfigError(key, file=file, entry=entry, value=str(first["input"])[:80])


def read(model: type[Model], path: Path) -> Model:
    """Validate a TOML file; see `parse`.

    Raises
    ------
    ConfigError
        If the file is missing, is no TOML or holds a wrong entry.
    """
    try:
        text = path.read_bytes()
    except OSError:
        raise ConfigError("config-missing", file=str(path)) from None
    return parse(model, text, str(path))
