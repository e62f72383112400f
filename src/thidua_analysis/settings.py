"""The analyst's own settings beside the bloc: limits of the reader, corrections of cells."""

from __future__ import annotations

import tomllib
from pathlib import Path

from thidua_analysis import config
from thidua_analysis.config import not_toml
from thidua_analysis.errors import ConfigError
from thidua_analysis.excel import LIMITS, Limits
from thidua_analysis.submission.corrections import Correction, CorrectionList

LIMITS_FILE = "limits.toml"
CORRECTIONS_FILE = "corrections.toml"


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


def load_corrections(data: Path) -> tuple[Correction, ...]:
    """Corrections of ``data/raw/corrections.toml``; none where the file is missing.

    Raises
    ------
    ConfigError
        If the file is no TOML, an entry is wrong, or two entries correct the same cell.
    """
    path = data / "raw" / CORRECTIONS_FILE
    if not path.exists():
        return ()
    found = config.read(CorrectionList, path).corrections
    places = [(one.file, one.sheet, one.cell) for one in found]
    for number, place in enumerate(places):
        if place in places[:number]:
            raise ConfigError(
                "correction-twice", file=str(path), entry=number + 1, place="!".join(place[1:])
            )
    return found
