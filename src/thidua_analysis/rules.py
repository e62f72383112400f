"""Local rules of a bloc: breaks in its series, and how its points and votes decide."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from thidua_analysis.config import Day, Entry, Whole

#: whether money of a result was given, or lent and is paid back
Nature = Literal["given", "lent"]
Stage = Literal["self", "cross", "appraised"]
TieBreak = Literal["main", "fewer-deductions", "targets-met", "votes"]


class Break(Entry):
    """A day from which figures are not compared with those before it."""

    id: str
    from_: Day = Field(alias="from")
    #: indicators that it touches; none named: all
    indicators: tuple[str, ...] = ()
    #: members that it touches; none named: all
    members: tuple[str, ...] = ()
    #: codes of a breakdown that it touches: other codes stay comparable
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
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
    from_year: Whole = 0
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
    conditions: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    #: whether a reason is required where the appraised points differ from the self score
    reason_required: bool = True
