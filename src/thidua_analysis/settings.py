"""The analyst's own settings beside the bloc: limits of the reader."""

from __future__ import annotations

import tomllib
from pathlib import Path

from thidua_analysis.config import not_toml
from thidua_analysis.errors import ConfigError
from thidua_analysis.excel import LIMITS, Limits

LIMITS_FILE = "limits.toml"


def load_limits(data: Path) -> Limits:
    """Limits of the reader: those of ``data/raw/limits.toml`` where it stands, else the usual.

    Raises
    ------
    ConfigError
        If the file is no TOML, or names a limit that does not exist or makes no sense.
    """
    path = data / "raw" / LIMITS_FILE
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return LIMITS
    except OSError:
        raise ConfigError("config-missing", file=str(path)) from None
    except UnicodeDecodeError as error:
        raise not_toml(str(path), error) from None
    try:
        return Limits.from_mapping(tomllib.loads(content))
    except tomllib.TOMLDecodeError as error:
        raise not_toml(str(path), error) from None
