"""One cell of an .ods table: its text with fonts, its value, its error."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import cached_property

from thidua_analysis.excel.cells import Runs, Value
from thidua_analysis.excel.ods_styles import OdsStyles
from thidua_analysis.excel.styles import date_kind, to_number

_ERROR = re.compile(r"#(?:REF|DIV/0|VALUE|NAME|NUM|NULL|N/A)[!?]?|Err:[0-9]{3}")
_PERIOD = re.compile(
    r"(-?)P(?:([0-9]{1,7})D)?T?(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]+)?)S)?"
)
#: How LibreOffice stores a truth value that came from Excel: a formula that gives 1 or 0.
_TRUTH = {"of:=TRUE()": True, "of:=FALSE()": False}
#: Where a result stands that is no text, by its type.
_STORED = {
    **dict.fromkeys(("float", "percentage", "currency"), "office:value"),
    **{kind: f"office:{kind}-value" for kind in ("date", "time", "boolean")},
}
_DAY = dt.timedelta(days=1)
#: What these elements stand for within text.
_CHARACTERS = {"text:tab": "\t", "text:line-break": "\n"}
_MOST_SPACES = 32_767


class OdsCell:
    """A cell that collects what stands in it, and then says what that means.

    Parameters
    ----------
    attributes
        Attributes of its element, under short names.
    style
        Name of its style.
    styles
        All styles of the document.
    """

    def __init__(self, attributes: Mapping[str, str], style: str, styles: OdsStyles) -> None:
        self.attributes = attributes
        self._style, self._styles = style, styles
        self._kind = attributes.get("office:value-type", "")
        self._pieces: list[tuple[str, str]] = []
        self._spans: list[str] = []
        self._paragraphs = 0
        self._listening = False
        self._after_space = True

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take a start tag within the cell."""
        if name == "text:p":
            if self._paragraphs:
                self._add("\n")
            self._paragraphs += 1
            self._listening = self._after_space = True
        elif name == "text:span":
            self._spans.append(attributes.get("text:style-name", ""))
        elif name == "text:s":
            self._add(" " * min(count(attributes, "text:c"), _MOST_SPACES))
        elif name in _CHARACTERS:
            self._add(_CHARACTERS[name])

    def text(self, text: str) -> None:
        """Take text; as in HTML, white space of any length counts as one space."""
        if not self._listening:
            return
        text = re.sub(r"[ \t\r\n]+", " ", text)
        if self._after_space:
            text = text.removeprefix(" ")
        if text:
            self._add(text)
            self._after_space = text.endswith(" ")

    def end(self, name: str) -> None:
        """Take an end tag within the cell."""
        if name == "text:p":
            self._listening = False
        elif name == "text:span" and self._spans:
            self._spans.pop()

    def _add(self, text: str) -> None:
        self._pieces.append((text, self._spans[-1] if self._spans else ""))
        self._after_space = False

    @cached_property
    def content(self) -> str:
        """The text that the cell shows."""
        return "".join(text for text, _ in self._pieces)

    @cached_property
    def error(self) -> str | None:
        """The error that it shows, if it does."""
        if self.attributes.get("calcext:value-type") == "error":
            return self.content or "#ERROR!"
        # older programs store an error as a number or text that a formula gave
        is_error = "table:formula" in self.attributes and _ERROR.fullmatch(self.content)
        return self.content if is_error else None

    @cached_property
    def is_uncalculated(self) -> bool:
        """Whether it is a formula without a stored result; an empty text is one."""
        if "table:formula" not in self.attributes or self.content or self._kind == "string":
            return False
        return not self.attributes.get(_STORED.get(self._kind, ""))

    @cached_property
    def code(self) -> str:
        """Number format code: of its style, else what the type of its value says."""
        code = self._styles.code(self._style)
        currency = self.attributes.get("office:currency", "")
        if self._kind == "currency" and not code and currency.isalpha():
            return f'0" {currency}"'
        return code or ("0%" if self._kind == "percentage" else "")

    @cached_property
    def font(self) -> str | None:
        """Font of a text cell."""
        return self._styles.font(self._style) if isinstance(self.value, str) else None

    @cached_property
    def runs(self) -> Runs:
        """Rich text; empty where all of it has the font of the cell."""
        if not any(span for _, span in self._pieces):
            return ()
        runs: list[tuple[str, str | None]] = []
        for text, span in self._pieces:
            font = (self._styles.font(span, "text") if span else None) or self.font
            if runs and runs[-1][1] == font:
                runs[-1] = runs[-1][0] + text, font
            else:
                runs.append((text, font))
        return tuple(runs) if len(runs) > 1 or runs[0][1] != self.font else ()

    @cached_property
    def value(self) -> Value:
        """The value; blank for an error, as everywhere."""
        if self.error:
            return ""
        typed = self.attributes.get
        if (truth := _TRUTH.get(typed("table:formula", ""))) is not None:
            return truth
        if self._kind in ("float", "percentage", "currency"):
            return _number(typed("office:value", ""), self.content)
        if self._kind == "date":
            return _date(typed("office:date-value", ""), self.content)
        if self._kind == "time":
            elapsed = date_kind(self.code) == "duration"
            return _time(typed("office:time-value", ""), self.content, elapsed)
        if self._kind == "boolean":
            return typed("office:boolean-value") == "true"
        return typed("office:string-value", self.content)

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        value = self.value
        is_blank = isinstance(value, str) and not value.strip()
        return is_blank and not self.error and not self.is_uncalculated


def count(attributes: Mapping[str, str], name: str) -> int:
    """Return a number of repetitions: 1 unless the attribute says more."""
    text = attributes.get(name, "1")
    if not (text.isascii() and text.isdigit()):
        return 1
    # any longer number is far beyond every limit
    return max(1, int(text[:12]))


def _number(text: str, shown: str) -> Value:
    number = to_number(text)
    return shown if number is None else number


def _date(text: str, shown: str) -> Value:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return shown
    moment = moment.replace(tzinfo=None)
    return moment if moment.time() != dt.time() else moment.date()


def _time(text: str, shown: str, elapsed: bool) -> Value:
    """A time of the day; where the cell shows elapsed time, or more than a day, a duration."""
    matched = _PERIOD.fullmatch(text)
    if not matched:
        return shown
    sign, days, hours, minutes, seconds = matched.groups()
    period = dt.timedelta(
        days=int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        seconds=float(seconds or 0),
    )
    if sign:
        return -period
    return period if elapsed or period >= _DAY else (dt.datetime.min + period).time()
