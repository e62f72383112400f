"""The one catalogue of everything that users read, in Vietnamese and English."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

if TYPE_CHECKING:
    from thidua_analysis.findings import Finding

Lang = Literal["vi", "en"]
LANGUAGES: tuple[Lang, ...] = ("vi", "en")
_current: ContextVar[Lang] = ContextVar("language", default="vi")


def language() -> Lang:
    """Return the language that is spoken where none is named."""
    return _current.get()


@contextmanager
def speaking(lang: Lang) -> Iterator[None]:
    """Speak a language wherever none is named: texts, numbers, dates, names.

    Examples
    --------
    >>> with speaking("en"):
    ...     text("page-all-years")
    'All years'
    """
    token = _current.set(lang)
    try:
        yield
    finally:
        _current.reset(token)


Function = TypeVar("Function", bound=Callable[..., Any])


def in_its_language(function: Function) -> Function:
    """Let a function speak the language of what it is given first: a dataset, or a frame of one."""

    @wraps(function)
    def spoken(about: Any, *args: Any, **options: Any) -> Any:
        lang = getattr(about, "lang", None) or getattr(about, "attrs", {}).get("lang")
        with speaking(lang or language()):
            return function(about, *args, **options)

    return cast("Function", spoken)


_HEADS = re.compile(r'^\["?([\w@-]+)"?\]$', re.M)


@cache
def keys() -> Mapping[str, str]:
    """Return the keys of all messages, each with its entry as the TOML files of this folder say.

    Most are never asked for, and to read them all takes longer than a small workbook.
    """
    entries: dict[str, str] = {}
    files = (f for f in resources.files(__package__).iterdir() if f.name.endswith(".toml"))
    for file in sorted(files, key=lambda f: f.name):
        _, *parts = _HEADS.split(file.read_text(encoding="utf-8"))
        for key, entry in zip(parts[::2], parts[1::2], strict=True):
            if key in entries:
                raise ValueError(f"{file.name}: message {key!r} stands twice")
            entries[key] = entry
    return entries


@cache
def message(key: str) -> dict[str, str]:
    """Return a message by language."""
    words = tomllib.loads(keys()[key])
    if set(words) != set(LANGUAGES):
        raise ValueError(f"message {key!r} lacks a language, or says more")
    return words


#: "1 errors" is "1 error"
_ONE = re.compile(
    r"(?<![\w.,/])1 (published )?(error|warning|note|file|row|cell|day|figure|chart|sheet|member"
    r"|place|page|award|target|movement|initiative|point|time|notebook)s\b"
)


def singular(words: str, lang: str | None = None) -> str:
    """Return words in which one thing is named as one: "+1 awards" is "+1 award" in English.

    Examples
    --------
    >>> singular("+1 awards, 21 awards", "en")
    '+1 award, 21 awards'
    """
    return _ONE.sub(r"1 \1\2", words) if (lang or language()) == "en" else words


class _Words(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def text(key: str, lang: str | None = None, **params: object) -> str:
    """Return a message in plain words, in the language that is spoken unless one is named.

    Text from files is put in as it is: escape where it comes out.
    """
    lang = lang or language()
    told = message(key)[lang].format_map(_Words(params))
    return singular(told, lang)


def describe(found: Finding, lang: str | None = None) -> str:
    """Return the message of a finding: what was found, what is accepted, what to do."""
    hint = text("hint", lang, suggestion=found.suggestion) if found.suggestion else ""
    words = {"value": found.value or "", "heading": found.heading or "", "hint": hint}
    words["typed"] = f" “{found.value}”" if found.value else ""
    words["example"] = text("example", lang, value=found.value) if found.value else ""
    words["reading"] = f": “{found.suggestion}”" if found.suggestion else ""
    words["suggestion"] = found.suggestion or "?"
    words["measure"] = ""
    given = found.params.get("given")
    words["beside"] = text("beside", lang, given=given) if given else ""
    optional = found.code == "required-missing" and found.severity == "warning"
    words["otherwise"] = text("or-say-so", lang) if optional else ""
    letters = found.params.get("letters")
    words["slip"] = text("slip", lang, letters=letters) if letters else ""
    params = {name: _in_words(name, value, lang) for name, value in found.params.items()}
    variant = f"{found.code}-{found.params.get('of')}"
    return text(variant if variant in keys() else found.code, lang, **{**words, **params})


#: params that are names of things → how the keys of their words begin
_NAMES = {"kind": "format", "limit": "bound"}


def _in_words(name: str, value: str, lang: str | None) -> str:
    """Return a param as people read it: "csv" is a CSV text file."""
    key = value if name == "why" else f"{_NAMES.get(name)}-{value}"
    return text(key, lang) if key in keys() else value
