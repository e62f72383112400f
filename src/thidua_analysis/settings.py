"""The analyst's settings beside the bloc (limits, corrections), and reading a file with them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from thidua_analysis import config
from thidua_analysis.bloc import Bloc
from thidua_analysis.config import not_toml
from thidua_analysis.errors import ConfigError
from thidua_analysis.excel import LIMITS, Limits
from thidua_analysis.files import below_raw
from thidua_analysis.submission import Submission, read_file
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


@dataclass(frozen=True, slots=True)
class FileReader:
    """Reads one file of ``data/raw`` with the analyst's limits and corrections.

    Parameters
    ----------
    raw
        The folder ``data/raw``.
    limits
        Limits of the reader.
    corrections
        Corrections of all files.
    every_cell
        Whether to say of each cell where it went.
    """

    raw: Path
    limits: Limits
    corrections: tuple[Correction, ...] = ()
    every_cell: bool = False

    @classmethod
    def of(cls, data: Path, *, every_cell: bool = False) -> FileReader:
        """Return the reader that the settings of a data folder ask for.

        Raises
        ------
        ConfigError
            If a settings file is wrong.
        """
        return cls(data / "raw", load_limits(data), load_corrections(data), every_cell)

    def __call__(self, path: Path, bloc: Bloc) -> Submission:
        """Read a file; see `thidua_analysis.submission.read_file`."""
        name = below_raw(path, self.raw.parent)
        own = [one for one in self.corrections if one.file == name]
        return read_file(
            path, bloc, limits=self.limits, corrections=own, every_cell=self.every_cell
        )
