"""Figures from the tidy tables: one function an indicator, described in ``dictionary.toml``.

Each takes a `Dataset` and the columns to break down by, and returns a frame of figures (see
docs/architecture.md).
"""

from typing import Any

from thidua_analysis.indicators.change import changes, contributions, growth, spread
from thidua_analysis.indicators.counts import (
    awards_by_award,
    awards_by_level,
    awards_by_method,
    awards_by_subject,
    commendations,
    commendations_without_households,
    enterprise_share,
    ethnic_minority_share,
    initiative_benefit,
    initiatives_recognized,
    initiatives_submitted,
    leader_share,
    movements,
    non_leader_share,
    non_leader_share_residual,
    recognition_rate,
    result_total,
    result_value,
    women_share,
)
from thidua_analysis.indicators.dictionary import entry, functions, own
from thidua_analysis.indicators.engine import described
from thidua_analysis.indicators.quality import completeness, error_rate, revisions, sent, timeliness
from thidua_analysis.indicators.ranking import neighbours, proposals, ranking, sensitivity
from thidua_analysis.indicators.scores import (
    appraisal,
    rank,
    rank_percentile,
    score_gap,
    score_share,
    score_total,
    vote_share,
)
from thidua_analysis.indicators.targets import (
    attainment,
    days_early,
    over_target,
    target_status,
    targets_exceeded,
    targets_met,
)

__all__ = [
    "appraisal",
    "attainment",
    "awards_by_award",
    "awards_by_level",
    "awards_by_method",
    "awards_by_subject",
    "changes",
    "commendations",
    "commendations_without_households",
    "completeness",
    "contributions",
    "days_early",
    "described",
    "enterprise_share",
    "entry",
    "error_rate",
    "ethnic_minority_share",
    "functions",
    "growth",
    "initiative_benefit",
    "initiatives_recognized",
    "initiatives_submitted",
    "leader_share",
    "movements",
    "neighbours",
    "non_leader_share",
    "non_leader_share_residual",
    "over_target",
    "proposals",
    "rank",
    "rank_percentile",
    "ranking",
    "recognition_rate",
    "result_total",
    "result_value",
    "revisions",
    "score_gap",
    "score_share",
    "score_total",
    "sensitivity",
    "sent",
    "spread",
    "target_status",
    "targets_exceeded",
    "targets_met",
    "timeliness",
    "vote_share",
    "women_share",
]


def __getattr__(name: str) -> Any:
    """Return the function of an indicator that the bloc brings."""
    if name.startswith("_") or name not in own():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return functions()[name]


def __dir__() -> list[str]:
    return [*__all__, *own()]
