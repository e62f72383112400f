"""Reading TOML files that people edit: a wrong entry is named in plain words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
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
        raise ConfigError("config-not-toml", file=file, why=str(error)) from None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "?"
        raise ConfigError("config-wrong-entry", file=file, entry=where, why=first["msg"]) from None


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
