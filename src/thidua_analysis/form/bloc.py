"""The bloc: its members and their spellings, roles, deadlines and local rules."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, field

from thidua_analysis.findings import ConfigError, UsageError
from thidua_analysis.form import awards, config
from thidua_analysis.form.config import FILE, Entry, Text, blocs_in, raw_of
from thidua_analysis.form.forms import bring, brought_by
from thidua_analysis.messages import language, text
from thidua_analysis.vietnamese.text import key

#: whether money of a result was given, or lent and is paid back
Nature = Literal["given", "lent"]
Stage = Literal["self", "cross", "appraised"]
TieBreak = Literal["main", "fewer-deductions", "targets-met", "votes"]


class Break(Entry, kw_only=True):
    """A day from which figures are not compared with those before it."""

    id: str
    from_: dt.date = field(name="from")
    #: indicators that it touches; none named: all
    indicators: tuple[str, ...] = ()
    #: members that it touches; none named: all
    members: tuple[str, ...] = ()
    #: codes of a breakdown that it touches: other codes stay comparable
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: it touches only figures with one of these breakdowns; none named: all
    breakdowns: tuple[str, ...] = ()
    #: indicator that compares across it
    instead: str | None = None
    vi: str
    en: str

    def reason(self, lang: str) -> str:
        """Return why, in words."""
        return self.vi if lang == "vi" else self.en


class Scoring(Entry):
    """How the points of the bloc decide; later entries of the file override for their years."""

    #: first year for which it holds
    from_year: int = 0
    #: stage whose points decide
    decides: Stage = "appraised"
    #: what 100 % is: the main points, or main points and bonus
    base: Literal["main", "main+bonus"] = "main"
    #: kinds of criteria without whose score a stage has no total
    required: tuple[Literal["main", "bonus", "deduction"], ...] = ("main", "bonus")
    #: at most so many bonus points count
    bonus_cap: Decimal | None = None
    #: a total is not below this
    floor: Decimal = Decimal(0)
    #: how ties are decided, in this order; none: ties stay ties
    tie_breaks: tuple[TieBreak, ...] = ()
    #: a member passes with at least so many percent of the votes; None: no threshold
    vote_threshold: Decimal | None = None
    #: honour → conditions beside the points that an analyst ticks
    conditions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: whether a reason is required where the appraised points differ from the self score
    reason_required: bool = True


#: so many blocs are named to choose from
_NAMED = 8
#: any year without 29 February
_COMMON_YEAR = 2023


class Member(Entry):
    """A member organisation."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*$")]
    name: Text
    short: Text
    aliases: tuple[Text, ...] = ()
    #: first and last year in which a report is expected; None is open
    first_year: int | None = None
    last_year: int | None = None


class Deadline(Entry):
    """Day on which the reports of a year are due."""

    #: 0 = within the reporting year, 1 = the year after
    year: Annotated[int, Meta(ge=0, le=1)]
    month: Annotated[int, Meta(ge=1, le=12)]
    day: Annotated[int, Meta(ge=1, le=31)]


class Roles(Entry):
    """Who leads the bloc in a year."""

    year: int
    head: str
    deputy: str | None = None


class Quota(Entry):
    """How many honours of a kind the bloc may propose."""

    honour: Text
    places: Annotated[int, Meta(ge=1)]
    year: int | None = None


class PersonClassRule(Entry):
    """Positions (chức vụ) that belong to one of the five person classes."""

    class_: Literal[
        "leader_ministerial", "leader_department", "entrepreneur", "leader_other", "direct"
    ] = field(name="class")
    is_: tuple[str, ...] = field(default=(), name="is")
    starts: tuple[str, ...] = ()


class Cap(Entry):
    """At most so many percent of the holders of one award may get another."""

    award: Text
    of: Text
    max_percent: Annotated[int, Meta(ge=0, le=100)]
    year: int | None = None


class Measure(Entry):
    """What kind of money a result is, where its name does not tell it right."""

    name: str
    nature: Nature


class Jump(Entry):
    """When a change on the year before is worth a question."""

    times: Annotated[int, Meta(ge=2)] = 5
    least: Annotated[int, Meta(ge=0)] = 50


def _begins(text: str, words: str) -> bool:
    """Whether a text begins with these words, and not with longer ones."""
    return text.startswith(words) and not text[len(words) : len(words) + 1].isalnum()


class Bloc(Entry, kw_only=True):
    """Everything that `data/raw/bloc.toml` says."""

    id: Text
    name: Text
    #: what it is called where several blocs stand side by side; by default its name
    short: Text | None = None
    #: what kind of bloc it is: "Khối thi đua", "Cụm thi đua"; by default as its name begins
    kind: Annotated[str, Meta(pattern=r"^\w")] | None = None
    province: Text
    deadline: Deadline | None = None
    members: Annotated[tuple[Member, ...], Meta(min_length=1)]
    roles: tuple[Roles, ...] = ()
    quotas: tuple[Quota, ...] = ()
    person_classes: tuple[PersonClassRule, ...] = ()
    caps: tuple[Cap, ...] = ()
    jump: Jump = Jump()
    breaks: tuple[Break, ...] = ()
    scoring: tuple[Scoring, ...] = ()
    measures: tuple[Measure, ...] = ()

    @property
    def label(self) -> str:
        """What tells the bloc from others."""
        return self.short or self.name

    @property
    def called(self) -> str:
        """What the bloc is called within a sentence: "khối", "cụm"; "bloc", "cluster"."""
        named = self.kind.split()[0].lower() if self.kind else ""
        if not named:
            named = "cụm" if _begins(key(self.name), key("cụm")) else "khối"
        if language() == "vi" or named.isascii():
            return named
        return text("bloc-called-cluster" if named == "cụm" else "bloc-called")

    def member(self, member_id: str) -> Member:
        """Return the member with this id."""
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

    def named(self, name: str) -> str:
        """Return the id of the member that has an id or a name, in any accepted spelling.

        Raises
        ------
        UsageError
            If there is none; the message lists the ids.
        """
        found = name if name in self._by_id else self.match_member(name)
        if found is None:
            raise UsageError("member-not-in-bloc", name=name, accepted=", ".join(self._by_id))
        return found

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
        """Comparison form of every accepted spelling → member id."""
        return {form: member.id for member in self.members for form in self.forms_of(member)}

    def forms_of(self, member: Member) -> dict[str, str]:
        """Comparison form of every accepted spelling of a member → what the bloc file says."""
        found: dict[str, str] = {}
        for named in (member.name, member.short, *member.aliases, member.id):
            for variant in _variants(named, self.province):
                found.setdefault(key(variant), named)
        return found


def _variants(text: str, province: str) -> Iterator[str]:
    """All spellings of a name: "tỉnh" and the province's name may be left out or added."""
    for base in dict.fromkeys((text, text.removesuffix(" tỉnh"))):
        yield base
        yield f"{base} {province}"


def load_bloc(data: Path) -> Bloc:
    """Read `raw/bloc.toml` of a data folder; its forms and indicators are those of the program now.

    Raises
    ------
    ConfigError
        If the file is missing or wrong.
    UsageError
        If the folder holds several blocs.
    """
    if homes := blocs_in(data):
        names = ", ".join(home.name for home in homes[:_NAMED]) + (", …" * (len(homes) > _NAMED))
        raise UsageError("bloc-choose", n=len(homes), folder=str(homes[0]), blocs=names)
    path = raw_of(data) / FILE
    text = config.text_of(path)
    bloc = config.parse(Bloc, text, str(path))
    bring(brought_by(data))
    for check in (_members, _names, _honours, _deadline):
        check(bloc, str(path), text)
    return bloc


def _members(bloc: Bloc, file: str, text: str) -> None:
    """Refuse members that share an id or a spelling, or end before they begin."""
    ids: dict[str, int] = {}
    forms: dict[str, tuple[int, str]] = {}

    def line(at: int, name: str = "id") -> int:
        return config.line_of(text, ("members", at, name))

    for at, member in enumerate(bloc.members):
        if (first := ids.setdefault(member.id, at)) != at:
            lines = {"line": line(at), "other": line(first)}
            raise ConfigError("config-same-id", file=file, member=member.id, **lines)
        for form, spelling in bloc.forms_of(member).items():
            first, typed = forms.setdefault(form, (at, spelling))
            if first != at:
                raise ConfigError(
                    "config-same-spelling",
                    file=file,
                    line=line(at),
                    spelling=max(spelling, typed, key=len),
                    first=bloc.members[first].id,
                    second=member.id,
                    other=line(first),
                )
        first_year, last_year = member.first_year, member.last_year
        if first_year is not None and last_year is not None and last_year < first_year:
            years = {"first": first_year, "last": last_year, "member": member.id}
            raise ConfigError("config-years", file=file, line=line(at, "last_year"), **years)


def _names(bloc: Bloc, file: str, text: str) -> None:
    """Refuse members that the bloc does not have, wherever its file names one."""
    named = [(("roles", n, "head"), one.head) for n, one in enumerate(bloc.roles)]
    named += [(("roles", n, "deputy"), one.deputy or "") for n, one in enumerate(bloc.roles)]
    named += [
        (("breaks", n, "members"), name) for n, b in enumerate(bloc.breaks) for name in b.members
    ]
    for place, name in named:
        if name and name not in bloc._by_id:
            line, entry = config.line_of(text, place), ".".join(map(str, place[::2]))
            config.known(file, entry, name, bloc._by_id, line)


def _honours(bloc: Bloc, file: str, text: str) -> None:
    """Refuse awards that the list of awards does not know: their rule would never hold."""
    named = [(("quotas", n, "honour"), one.honour) for n, one in enumerate(bloc.quotas)]
    for n, cap in enumerate(bloc.caps):
        named += [(("caps", n, "award"), cap.award), (("caps", n, "of"), cap.of)]
    named += [
        (("scoring", n, "conditions"), name)
        for n, one in enumerate(bloc.scoring)
        for name in one.conditions
    ]
    for place, name in named:
        if awards.match(name) is None:
            line, entry = config.line_of(text, place), ".".join(map(str, place[::2]))
            raise ConfigError("config-unknown-award", file=file, line=line, entry=entry, name=name)


def _deadline(bloc: Bloc, file: str, text: str) -> None:
    """Refuse a day that some year does not have."""
    due = bloc.deadline
    if due is None or due.day <= calendar.monthrange(_COMMON_YEAR, due.month)[1]:
        return
    line = config.line_of(text, ("deadline", "day"))
    raise ConfigError("config-no-such-day", file=file, line=line, day=due.day, month=due.month)
