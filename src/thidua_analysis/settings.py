"""The analyst's settings beside the bloc (limits, corrections, mappings), and files read so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from thidua_analysis import config
from thidua_analysis.bloc import Bloc, load_bloc
from thidua_analysis.errors import ConfigError
from thidua_analysis.excel import LIMITS, Limits
from thidua_analysis.files import below_raw
from thidua_analysis.form import current
from thidua_analysis.spellings import heading_key
from thidua_analysis.submission import Submission, read_file
from thidua_analysis.submission.corrections import Correction, CorrectionList
from thidua_analysis.submission.own_headings import OwnHeadingList, OwnHeadings

LIMITS_FILE = "limits.toml"
CORRECTIONS_FILE = "corrections.toml"
MAPPINGS_FILE = "mappings.toml"


def load_limits(data: Path) -> Limits:
    """Limits of the reader: those of ``data/raw/limits.toml`` where it stands, else the usual.

    Raises
    ------
    ConfigError
        If the file is no TOML, or names a limit that does not exist or makes no sense.
    """
    path = data / "raw" / LIMITS_FILE
    if not path.exists():
        return LIMITS
    text = config.text_of(path)
    try:
        return Limits.from_mapping(config.mapping(text, str(path)))
    except ConfigError as error:
        if (name := error.params.get("name")) is None:
            raise
        line = config.line_of(text, (str(name),))
        raise ConfigError(f"{error.key}-at", file=str(path), line=line, **error.params) from None


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


def load_mappings(data: Path, bloc: Bloc | None = None) -> tuple[OwnHeadings, ...]:
    """Headings of members' own in ``data/raw/mappings.toml``; none where the file is missing.

    Raises
    ------
    ConfigError
        If the file is no TOML, or an entry is wrong or names a member, table or field that does
        not exist; the message names the line.
    """
    path = data / "raw" / MAPPINGS_FILE
    return parse_mappings(path.read_bytes(), path, bloc) if path.exists() else ()


def parse_mappings(content: str | bytes, path: Path, bloc: Bloc | None) -> tuple[OwnHeadings, ...]:
    """Check the text of ``mappings.toml``; see `load_mappings`."""
    text = content if isinstance(content, str) else config.decoded(content, str(path))
    found = config.parse(OwnHeadingList, text, str(path)).mappings
    tables = {table.id: table for table in current("unit").tables}
    members = {m.id for m in bloc.members} if bloc else {one.member for one in found}
    seen: dict[tuple[str, ...], int] = {}
    for number, one in enumerate(found):
        entry = "mappings", number
        headed = [(*entry, "headings", heading) for heading in one.headings]
        places = [f"{path}:{config.line_of(text, place)}" for place in (entry, *headed)]
        config.known(places[0], "member", one.member, sorted(members))
        config.known(places[0], "table", one.table, tables)
        for place, (heading, field) in zip(places[1:], one.headings.items(), strict=True):
            config.known(place, heading, field, tables[one.table].by_name)
            same = one.member, heading_key(one.sheet), heading_key(heading)
            if seen.setdefault(same, number) != number or not heading_key(heading):
                raise ConfigError("mapping-twice", file=place, heading=heading)
    return found


@dataclass(frozen=True, slots=True)
class FileReader:
    """Reads one file of ``data/raw`` with the analyst's limits, corrections and mappings.

    Parameters
    ----------
    raw
        The folder ``data/raw``.
    limits
        Limits of the reader.
    corrections
        Corrections of all files.
    mappings
        Headings of all members' own.
    every_cell
        Whether to say of each cell where it went.
    """

    raw: Path
    limits: Limits
    corrections: tuple[Correction, ...] = ()
    mappings: tuple[OwnHeadings, ...] = ()
    every_cell: bool = False

    @classmethod
    def of(cls, data: Path, *, every_cell: bool = False) -> FileReader:
        """Return the reader that the settings of a data folder ask for.

        Raises
        ------
        ConfigError
            If a settings file is wrong.
        """
        bloc = load_bloc(data) if (data / "raw" / MAPPINGS_FILE).exists() else None
        mappings = load_mappings(data, bloc)
        found = load_limits(data), load_corrections(data), mappings
        return cls(data / "raw", *found, every_cell)

    def __call__(self, path: Path, bloc: Bloc) -> Submission:
        """Read a file; see `thidua_analysis.submission.read_file`."""
        name = below_raw(path, self.raw.parent)
        own = [one for one in self.corrections if one.file == name]
        return read_file(
            path,
            bloc,
            limits=self.limits,
            corrections=own,
            mappings=self.mappings,
            every_cell=self.every_cell,
        )
