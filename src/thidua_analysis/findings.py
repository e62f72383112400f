"""What is wrong: a finding in the data, with its cell; an exception where a call is wrong."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Severity = Literal["error", "warning", "note"]

_WARNINGS = """
wrong-extension macros-ignored external-links hidden-data form-version-old duplicate-submission
member-missing table-missing heading-unknown number-us-format number-dot-decimal
number-space-group number-qualifier number-note number-unit word-zero date-out-of-year
total-mismatch duplicate-row planned-zero award-unknown award-level-mismatch
award-subject-mismatch cap-exceeded class-unknown money-implausible jump-year-on-year
""".split()
_NOTES = "reader-fallback text-converted text-lookalike number-scaled not-applicable".split()
_ERRORS = """
file-empty file-not-spreadsheet file-encrypted file-damaged file-too-large file-unsafe
reader-failed form-unknown member-unknown year-missing year-mismatch heading-missing
heading-duplicate heading-ambiguous table-repeated unit-contradicts formula-not-calculated
formula-error text-legacy-unsure text-mojibake text-lost value-not-in-list required-missing
number-ambiguous number-format number-fraction number-range number-percent-scale
number-not-integer number-is-date number-is-boolean number-not-finite number-negative
number-display date-format date-no-year date-impossible date-swapped sum-mismatch
part-exceeds-whole lists-disagree rank-exceeds-size score-exceeds-max cells-not-read
""".split()

#: Every code with the severity it has unless a rule says otherwise.
CODES: dict[str, Severity] = {
    **dict.fromkeys(_ERRORS, "error"),
    **dict.fromkeys(_WARNINGS, "warning"),
    **dict.fromkeys(_NOTES, "note"),
}

#: Codes after which nothing of the file can be used.
UNREADABLE = frozenset(
    "file-empty file-not-spreadsheet file-encrypted file-damaged file-too-large file-unsafe "
    "reader-failed".split()
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; without sheet and cell it is on the file."""

    #: a key of `CODES`
    code: str
    sheet: str | None = None
    #: an address such as ``"G7"``
    cell: str | None = None
    #: heading of the column, as the form prints it
    heading: str | None = None
    #: as typed
    value: str | None = None
    #: what the sender may have meant, at most two proposals
    suggestion: str | None = None
    #: further words that the message names
    params: Mapping[str, str] = field(default_factory=dict)
    severity: Severity = "error"


def finding(code: str, *, severity: Severity | None = None, **where: object) -> Finding:
    """Make a `Finding` with the usual severity of its code."""
    return Finding(code, severity=severity or CODES[code], **where)  # type: ignore[arg-type]


def at(found: Finding, **where: object) -> Finding:
    """Return the finding with its place or words completed."""
    return replace(found, **where)  # type: ignore[arg-type]


class ThiduaError(Exception):
    """Base class of all errors that the program explains to its user.

    Parameters
    ----------
    key
        Key of the message in the catalogue.
    **params
        What the message names (file, year, entry …).
    """

    exit_code = 2

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key, params)
        self.key = key
        self.params = params

    def __str__(self) -> str:
        """Say in a sentence what is wrong and what to do, and the key of the message."""
        from thidua_analysis.messages import text

        return f"{text(self.key, 'vi', **self.params)} [{self.key}]"

    def __reduce__(self) -> tuple[object, ...]:
        return _raised, (type(self), self.key, self.params)


class ConfigError(ThiduaError):
    """Raised when a TOML file (form, bloc, published claims, corrections) is wrong."""


class NoDataError(ThiduaError):
    """Raised when there is nothing to read, or nothing for the year asked for."""


class UsageError(ThiduaError):
    """Raised when a call names something that does not exist."""


#: Why the system refuses a file although the program is right → key of the words for it.
_REFUSED = {
    **dict.fromkeys((errno.EACCES, errno.EPERM), "refused-access"),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "refused-full"),
    **dict.fromkeys((errno.EEXIST, errno.ENOTDIR, errno.EISDIR), "refused-taken"),
    errno.EROFS: "refused-read-only",
    errno.ENAMETOOLONG: "refused-long",
    errno.EBUSY: "refused-busy",
    errno.ENOENT: "refused-gone",
}


#: Windows opens no file whose path is longer, and says that it is not there.
_LONGEST_PATH = 259


def refusal(error: OSError) -> str | None:
    """Return the key of the words for why the system refuses a file; None where none fit."""
    if os.name == "nt" and len(str(error.filename or "")) > _LONGEST_PATH:
        return "refused-long"
    return _REFUSED.get(error.errno or 0)


def _raised(kind: type[ThiduaError], key: str, params: dict[str, object]) -> ThiduaError:
    return kind(key, **params)
