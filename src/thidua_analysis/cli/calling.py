"""How the program is called: its language, options of every command, what is wrong with a call."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, NoReturn

import typer

from thidua_analysis.cli import INTERRUPTED
from thidua_analysis.findings import ThiduaError
from thidua_analysis.messages import keys, message, text
from thidua_analysis.vietnamese.display import Lang, number

#: Options of the program that are understood behind a command as well.
_TOLD = ("--quiet", "--verbose")
#: Kind of wrong call, as the parser of the command line names it → key of the message.
_KINDS = {
    "MissingParameter": "usage-missing",
    "NoSuchOption": "usage-option",
    "BadParameter": "usage-value",
    "BadOptionUsage": "usage-needs-value",
}
#: Why the system refuses a file although the program is right → key of the words for it.
_REFUSED = {
    **dict.fromkeys((errno.EACCES, errno.EPERM), "refused-access"),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "refused-full"),
    **dict.fromkeys((errno.EEXIST, errno.ENOTDIR, errno.EISDIR), "refused-taken"),
    errno.EROFS: "refused-read-only",
    errno.EBUSY: "refused-busy",
    errno.ENOENT: "refused-gone",
}
#: What is wrong with a value, as the parser says it → key of the message.
_VALUES = {
    r".*'(?P<value>.*)' is not one of (?P<accepted>.+)": "usage-choice",
    r".*valid integer.*": "usage-number",
}


def _in(lang: Lang, command: Any) -> None:
    """Put the help of the catalogue in one language in the place of that in the other."""
    known = [message(key) for key in keys() if key.startswith("help-")]
    words = {one["en" if lang == "vi" else "vi"]: one[lang] for one in known}
    for part in (command, *getattr(command, "commands", {}).values()):
        for one in (part, *part.params):
            if getattr(one, "help", None) in words:
                one.help = words[one.help]


def _language(arguments: Sequence[str]) -> Lang:
    """Return the language that was asked for: with the call, else by THIDUA_LANG."""
    asked = [b for a, b in pairwise(arguments) if a == "--lang"]
    asked += [one.partition("=")[2] for one in arguments if one.startswith("--lang=")]
    return "en" if (asked or [os.environ.get("THIDUA_LANG", "vi")])[-1] == "en" else "vi"


def run(app: typer.Typer) -> NoReturn:
    """Run the command line; no traceback ever reaches the user unless THIDUA_DEBUG is set."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    lang, command = _language(sys.argv), typer.main.get_command(app)
    if lang == "en" or {"-h", "--help"} & set(sys.argv):
        _in(lang, command)
    try:
        with _told_as_asked(sys.argv, lang):
            asked = [one for one in _TOLD if one in sys.argv]
            rest = [one for one in sys.argv[1:] if one not in _TOLD]
            done = command([*asked, *rest], standalone_mode=False)
    except ThiduaError as error:
        _fail(text(error.key, lang, **error.params), error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        _fail(text("interrupted", lang), INTERRUPTED)
    except Exception as error:
        if os.environ.get("THIDUA_DEBUG") and not hasattr(error, "format_message"):
            raise
        if explained := _explained(error, lang):
            _fail(explained, 2)
        _fail(text("unexpected", lang, what=f"{type(error).__name__}: {error}"), 70)
    if done == INTERRUPTED:  # the parser of the command line makes this of Ctrl+C
        _fail(text("interrupted", lang), INTERRUPTED)
    sys.exit(done if isinstance(done, int) else 0)


@contextlib.contextmanager
def _told_as_asked(arguments: Sequence[str], lang: Lang) -> Iterator[None]:
    """With ``--quiet`` say only what is wrong; with ``--verbose`` how long it took as well."""
    if "--verbose" in arguments:
        os.environ.setdefault("THIDUA_DEBUG", "1")
    began = time.perf_counter(), time.process_time()
    quiet = "--quiet" in arguments and "--json" not in arguments
    with contextlib.ExitStack() as stack:
        if quiet:
            sink = stack.enter_context(open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123
            stack.enter_context(contextlib.redirect_stdout(sink))
        try:
            yield
        finally:
            if "--verbose" in arguments:
                took = (time.perf_counter() - began[0], time.process_time() - began[1])
                wall, own = (number(Decimal(f"{one:.2f}"), 2, lang) for one in took)
                print(text("took", lang, wall=wall, own=own), file=sys.stderr)


def _fail(message: str, code: int) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(code)


def _explained(error: BaseException, lang: Lang) -> str | None:
    """Return what is wrong with a call, or why the system refuses a file; None for all else."""
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        return _wrong_call(error, lang)
    if isinstance(error, OSError) and (why := _REFUSED.get(error.errno or 0)):
        path = error.filename2 or error.filename or text("refused-somewhere", lang)
        return text("file-refused", lang, path=path, why=text(why, lang))
    return None


def _wrong_call(error: Any, lang: Lang) -> str:
    """Return what the parser of the command line refused and where to see how a call is made."""
    kind = type(error).__name__
    if kind == "NoArgsIsHelpError":
        return str(error.message)
    said = str(error.message or error.format_message()).rstrip(".")
    name, parameter = getattr(error, "option_name", None), getattr(error, "param", None)
    if not name and parameter is not None:
        is_option = parameter.param_type_name == "option"
        name = parameter.opts[0] if is_option else (parameter.metavar or parameter.name).rstrip(".")
    # the command as it is typed, whatever program started it
    context, command = getattr(error, "ctx", None), ""
    while context is not None and context.parent is not None:
        command = f" {context.info_name}{command}"
        context = context.parent
    key = _KINDS.get(kind, "usage-command" if "command" in said else "usage-other")
    help_ = text("usage-help", lang, command=f"thidua{command}")
    for pattern, own in _VALUES.items():
        if key == "usage-value" and (found := re.fullmatch(pattern, said)):
            told = {name_: one.replace("'", "") for name_, one in found.groupdict().items()}
            return f"{text(own, lang, name=name or '?', **told)} {help_}"
    return f"{text(key, lang, name=name or '?', why=said)} {help_}"
