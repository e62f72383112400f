"""How the program is called: its language, options of every command, what is wrong with a call."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

import click

from thidua_analysis.cli import INTERRUPTED
from thidua_analysis.findings import ThiduaError, refusal
from thidua_analysis.form.config import project_of
from thidua_analysis.messages import speaking, text
from thidua_analysis.store import inputs
from thidua_analysis.vietnamese.display import Lang, number

#: The variable by which shells ask for completion.
COMPLETE = "_THIDUA_COMPLETE"
#: How help is asked for.
_HELP = ["-h", "--help"]
HELP = {"help_option_names": _HELP}
#: Headings of help, as the parser calls them → key of the message.
_HEADINGS = {
    "Positional arguments": "help-arguments",
    "Options": "help-options",
    "Commands": "help-commands",
}
#: Options of the program that are understood behind a command as well.
_TOLD = ("--quiet", "--verbose")
#: Kind of wrong call, as the parser of the command line names it → key of the message.
_KINDS = {
    "MissingParameter": "usage-missing",
    "NoSuchOption": "usage-option",
    "BadParameter": "usage-value",
    "BadOptionUsage": "usage-needs-value",
}
#: What is wrong with a call, as the parser says it → key of the message.
_SAID = {
    r"'(?P<value>.*)' is not one of (?P<accepted>.+)\.": "usage-choice",
    r".*not a valid integer\.": "usage-number",
    r"'(?P<value>.*)' does not match the formats? .*": "usage-day",
    r"No such command '(?P<value>.*)'\.": "usage-command",
    r"Got unexpected extra arguments? \((?P<value>.*)\)": "usage-extra",
    r"Option '.*' does not take a value\.": "usage-no-value",
}


class Words(click.HelpFormatter):
    """What the parser says by itself in help, in the words of the catalogue."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how a command is called."""
        super().write_usage(prog, args, text("help-usage") + " ")

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        super().write_heading(text(_HEADINGS[heading]))

    def write_dl(self, rows: Iterable[tuple[str, str]], *args: Any, **options: Any) -> None:
        """Write names and what they mean."""
        needed = text("help-required")
        told = [(name, said.replace("[required]", needed)) for name, said in rows]
        super().write_dl(told, *args, **options)


class _Context(click.Context):
    formatter_class = Words


class Command(click.Command):
    """A command; its help and that of its parameters are keys of messages."""

    context_class = _Context


class Program(click.Group):
    """The program, a group of commands in the order of the year's work."""

    context_class = _Context
    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, as they were added."""
        return [*self.commands]


command = partial(click.command, cls=Command)


def in_words(command: click.Command) -> None:
    """Put the texts of the catalogue in the place of their keys in the help of all commands."""
    for one in (command, *getattr(command, "commands", {}).values()):
        one.help = _of_key(one, one.help or "")
        one.short_help = one.help.partition(". ")[0].rstrip(".") + "."
        one.options_metavar = text("help-any-options")
        if isinstance(one, click.Group):
            one.subcommand_metavar = text("help-any-command")
        for parameter in one.get_params(click.Context(one, help_option_names=_HELP)):
            asked: Any = parameter
            asked.help = _of_key(asked, "help-help" if "--help" in asked.opts else asked.help)


def _of_key(one: object, key: str) -> str:
    """Return the text of the key by which the help of something was first known."""
    return text(vars(one).setdefault("key", key))


def _language(arguments: Sequence[str]) -> Lang:
    """Return the language that was asked for: with the call, else by THIDUA_LANG."""
    asked = [b for a, b in pairwise(arguments) if a == "--lang"]
    asked += [one.partition("=")[2] for one in arguments if one.startswith("--lang=")]
    return "en" if (asked or [os.environ.get("THIDUA_LANG", "vi")])[-1] == "en" else "vi"


def run(program: click.Command) -> NoReturn:
    """Run the command line; no traceback ever reaches the user unless THIDUA_DEBUG is set."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    lang = _language(sys.argv)
    try:
        with speaking(lang), _told_as_asked(sys.argv, lang):
            if {*_HELP} & {*sys.argv} or COMPLETE in os.environ:
                in_words(program)
            asked = [one for one in _TOLD if one in sys.argv]
            rest = [one for one in sys.argv[1:] if one not in _TOLD]
            if COMPLETE in os.environ:
                program.main(rest, "thidua", COMPLETE)
            with program.make_context("thidua", [*asked, *rest]) as context:
                program.invoke(context)
            code = 0
    except click.exceptions.Exit as left:
        code = left.exit_code
    except ThiduaError as error:
        _fail(text(error.key, lang, **error.params), error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except (KeyboardInterrupt, click.Abort):
        _fail(text("interrupted", lang), INTERRUPTED)
    except Exception as error:
        if os.environ.get("THIDUA_DEBUG") and not isinstance(error, click.ClickException):
            raise
        if explained := _explained(error, lang):
            _fail(explained, 2)
        _fail(text("unexpected", lang, what=type(error).__name__), 70)
    sys.exit(code)


def data_folder(given: Path | None, near: Path | None = None) -> Path:
    """Return the data folder, and say which it is where that of another folder is taken.

    Who calls from within a project (``data``, ``notebooks``, ``reports``) knows whose data they
    are.
    """
    found, here = inputs.find_data(given, near), Path.cwd().resolve()
    project = project_of(found)
    own = (found.resolve(), project / "notebooks", project / "reports")
    within = here == project or any(map(here.is_relative_to, own))
    if given is None and "THIDUA_DATA" not in os.environ and not within:
        print(text("data-elsewhere", folder=found), file=sys.stderr)
    return found


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


def _explained(error: Exception, lang: Lang) -> str | None:
    """Return what is wrong with a call, or why the system refuses a file; None for all else."""
    if isinstance(error, click.ClickException):
        return _wrong_call(error, lang)
    if isinstance(error, OSError) and (why := refusal(error)):
        path = error.filename2 or error.filename or text("refused-somewhere", lang)
        return text("file-refused", lang, path=path, why=text(why, lang))
    return None


def _wrong_call(error: click.ClickException, lang: Lang) -> str:
    """Return what the parser of the command line refused and where to see how a call is made."""
    parameter: click.Parameter | None = getattr(error, "param", None)
    name = getattr(error, "option_name", None)
    if not name and parameter is not None:
        is_option = parameter.param_type_name == "option"
        name = parameter.opts[0] if is_option else parameter.human_readable_name.rstrip(".")
    words = {"name": name or "?", "value": "", "accepted": "", "near": ""}
    key = _KINDS.get(type(error).__name__, "usage-other")
    for pattern, own in _SAID.items():
        if found := re.fullmatch(pattern, error.message):
            key = own
            words |= {part: said.replace("'", "") for part, said in found.groupdict().items()}
    if near := getattr(error, "possibilities", None):
        words["near"] = " " + text("usage-near", lang, near=", ".join(near))
    # the command as it is typed, whatever program started it
    context, command = getattr(error, "ctx", None), ""
    while context is not None and context.parent is not None:
        command = f" {context.info_name}{command}"
        context = context.parent
    help_ = text("usage-help", lang, command=f"thidua{command}")
    return f"{text(key, lang, **words)} {help_}"
