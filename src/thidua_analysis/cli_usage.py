"""What is said of a wrong call and of a file that the system refuses, in the user's language."""

from __future__ import annotations

import errno
from typing import Any

from thidua_analysis.messages import text

#: Kind of wrong call, as the parser of the command line names it → key of the message.
_KINDS = {
    "MissingParameter": "usage-missing",
    "NoSuchOption": "usage-option",
    "BadParameter": "usage-value",
    "BadOptionUsage": "usage-needs-value",
}


#: Why the system refuses a file although the program is right: locked, not allowed, disk full.
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EBUSY})


def is_wrong_call(error: BaseException) -> bool:
    """Whether the parser of the command line raised it."""
    return hasattr(error, "format_message") and hasattr(error, "exit_code")


def explained(error: Any, lang: str) -> str:
    """Return what is wrong with a call and where to see how it is made.

    Parameters
    ----------
    error
        What the parser of the command line raised.
    lang
        Language.
    """
    kind = type(error).__name__
    context = getattr(error, "ctx", None)
    if kind == "NoArgsIsHelpError":
        return str(error.message)
    said = str(error.message or error.format_message()).rstrip(".")
    option = getattr(error, "option_name", None)
    key = _KINDS.get(kind, "usage-command" if "command" in said else "usage-other")
    words = text(key, lang, name=option or _name(error), why=said)
    return f"{words} {text('usage-help', lang, command=_command(context))}"


def _name(error: Any) -> str:
    parameter = getattr(error, "param", None)
    if parameter is None:
        return "?"
    if parameter.param_type_name == "option":
        return str(parameter.opts[0])
    return str(parameter.metavar or parameter.name).rstrip(".")


def _command(context: Any) -> str:
    """Return the command as it is typed, whatever program started it."""
    parents = []
    while context is not None and context.parent is not None:
        parents.append(str(context.info_name))
        context = context.parent
    return " ".join(["thidua", *reversed(parents)])


def is_refused(error: BaseException) -> bool:
    """Whether the system refuses a file for a reason that the user can mend."""
    return isinstance(error, OSError) and error.errno in _REFUSED


def refused(error: Any, lang: str) -> str:
    """Return what is said where the system refuses to open, write or keep a file."""
    path = error.filename2 or error.filename or "?"
    return text("file-refused", lang, path=path, why=error.strerror or type(error).__name__)
