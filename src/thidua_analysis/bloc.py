"""The bloc: its members and their spellings, roles, deadlines and local rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from pydantic import Field

from thidua_analysis import config
from thidua_analysis.config import Entry
from thidua_analysis.errors import ConfigError
from thidua_analysis.rules import Break, Scoring
from thidua_analysis.vietnamese.text import key

FILE = "bloc.toml"


class Member(Entry):
    """A member organisation."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: str
    short: str
    aliases: tuple[str, ...] = ()
    #: first and last year in which a report is expected; None is open
    first_year: int | None = None
    last_year: int | None = None


class Deadline(Entry):
    """Day on which the reports of a year are due."""

    #: 0 = within the reporting year, 1 = the year after
    year: int = Field(ge=0, le=1)
    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)


class Roles(Entry):
    """Who leads the bloc in a year."""

    year: int
    head: str
    deputy: str | None = None


class Quota(Entry):
    """How many honours of a kind the bloc may propose."""

    honour: str
    places: int = Field(ge=1)
    year: int | None = None


class PersonClassRule(Entry):
    """Positions (chức vụ) that belong to one of the five person classes."""

    class_: str = Field(
        alias="class",
        pattern="^(leader_ministerial|leader_department|entrepreneur|leader_other|direct)$",
    )
    is_: tuple[str, ...] = Field(default=(), alias="is")
    starts: tuple[str, ...] = ()


class Cap(Entry):
    """At most so many percent of the holders of one award may get another."""

    award: str
    of: str
    max_percent: int = Field(ge=0, le=100)
    year: int | None = None


class Jump(Entry):
    """When a change on the year before is worth a question."""

    times: int = Field(default=5, ge=2)
    least: int = Field(default=50, ge=0)


def _begins(text: str, words: str) -> bool:
    """Whether a text begins with these words, and not with longer ones."""
    return text.startswith(words) and not text[len(words) : len(words) + 1].isalnum()


class Bloc(Entry):
    """Everything that `data/raw/bloc.toml` says."""

    id: str
    name: str
    #: what kind of bloc it is: "Khối thi đua", "Cụm thi đua"; by default as its name begins
    kind: str | None = Field(default=None, pattern=r"^\w")
    province: str
    deadline: Deadline | None = None
    members: tuple[Member, ...] = Field(min_length=1)
    roles: tuple[Roles, ...] = ()
    quotas: tuple[Quota, ...] = ()
    person_classes: tuple[PersonClassRule, ...] = ()
    caps: tuple[Cap, ...] = ()
    jump: Jump = Jump()
    breaks: tuple[Break, ...] = ()
    scoring: tuple[Scoring, ...] = ()

    @property
    def called(self) -> str:
        """What the bloc is called within a sentence: "khối", "cụm"."""
        if self.kind:
            return self.kind.split()[0].lower()
        return "cụm" if _begins(key(self.name), key("cụm")) else "khối"

    def member(self, member_id: str) -> Member:
        """Return the member with this id.

        Raises
        ------
        KeyError
            If the bloc has no such member.
        """
        return self._by_id[member_id]

    def members_in(self, year: int) -> tuple[Member, ...]:
        """Members that are expected to report on a year, in the order of the file."""
        return tuple(
            m
            for m in self.members
            if (m.first_year is None or m.first_year <= year)
            and (m.last_year is None or year <= m.last_year)
        )

    def due(self, year: int) -> dt.date | None:
        """Day on which the reports of a year are due; None where the file names none."""
        if self.deadline is None:
            return None
        return dt.date(year + self.deadline.year, self.deadline.month, self.deadline.day)

    def scoring_in(self, year: int) -> Scoring:
        """Return how points decide in a year: the last entry that has begun by then."""
        begun = [entry for entry in self.scoring if entry.from_year <= year]
        return max(begun, key=lambda entry: entry.from_year, default=Scoring())

    def match_member(self, text: str) -> str | None:
        """Id of the member that a text names exactly, in any accepted spelling."""
        return self.spellings.get(key(text))

    def person_class(self, position: str) -> str | None:
        """Person class of a position (chức vụ) by the first rule that knows it, else None."""
        wanted = key(position)
        for rule in self.person_classes:
            if wanted in {key(text) for text in rule.is_}:
                return rule.class_
            if any(_begins(wanted, key(text)) for text in rule.starts):
                return rule.class_
        return None

    @cached_property
    def _by_id(self) -> dict[str, Member]:
        return {m.id: m for m in self.members}

    @cached_property
    def spellings(self) -> dict[str, str]:
        """Comparison form of every accepted spelling → member id.

        Raises
        ------
        ConfigError
            If two members share a spelling.
        """
        table: dict[str, str] = {}
        for member in self.members:
            for spelling in _variants(member, self.province):
                other = table.setdefault(key(spelling), member.id)
                if other != member.id:
                    raise ConfigError(
                        "config-collision",
                        file=FILE,
                        spelling=spelling,
                        first=other,
                        second=member.id,
                    )
        return table


def _variants(member: Member, province: str) -> Iterator[str]:
    """All spellings of a member: "tỉnh" and the province's name may be left out or added."""
    for text in (member.name, *member.aliases):
        base = text.removesuffix(" tỉnh")
        yield text
        yield f"{text} {province}"
        if base != text:
            yield base
            yield f"{base} {province}"
    yield member.id


def load_bloc(data: Path) -> Bloc:
    """Read `raw/bloc.toml` of a data folder.

    Raises
    ------
    ConfigError
        If the file is missing or wrong.
    """
    path = data / "raw" / FILE
    bloc = config.read(Bloc, path)
    if len(bloc._by_id) != len(bloc.members):
        raise ConfigError("config-wrong-entry", file=str(path), entry="members.id", value="×2")
    for entry in bloc.roles:
        for who in (entry.head, entry.deputy):
            config.known(str(path), "roles", who or None, bloc._by_id)
    _ = bloc.spellings
    return bloc
