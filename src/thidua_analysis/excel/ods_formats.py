"""Number styles of an .ods document, each as the format code that says the same in Excel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from thidua_analysis.excel.styles import own_code

#: Parts of a date, as (short, long) letters of a number format code.
_LETTERS = {
    "number:day": ("d", "dd"),
    "number:month": ("m", "mm"),
    "number:year": ("yy", "yyyy"),
    "number:day-of-week": ("ddd", "dddd"),
    "number:hours": ("h", "hh"),
    "number:minutes": ("m", "mm"),
    "number:seconds": ("s", "ss"),
    "number:am-pm": ("AM/PM", "AM/PM"),
}
_DATES = frozenset({"number:date-style", "number:time-style"})
_PERCENT = "number:percentage-style"
_STYLES = _DATES | {_PERCENT, "number:number-style", "number:currency-style", "number:text-style"}
#: Elements whose text is shown.
_SHOWN = frozenset({"number:text", "number:currency-symbol"})
_DIGITS = {"number:scientific-number": "0.00E+00", "number:fraction": "# ?/?"}
_CONDITION = re.compile(r"value\(\) ?(<=|>=|!=|[<>=]) ?([-+0-9.eE]{1,24})")
#: What the sections of a code stand for where it names no conditions.
_USUAL = ((">=0",), (">0", "<0"), (">0", "<0", "=0"))
_MOST_DIGITS = 30


@dataclass(slots=True)
class OdsFormats:
    """Collects number styles while the parts of a document are parsed."""

    _codes: dict[str, str] = field(default_factory=dict)
    #: conditions under which another style is shown, with its name
    _maps: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    _kind: str = ""
    _name: str = ""
    _text: str = ""
    _digits: Mapping[str, str] = field(default_factory=dict)
    #: signs between digits, by the number of digits behind them
    _embedded: dict[int, str] = field(default_factory=dict)
    _at: int = 0
    #: whether the first part of a time to come may exceed a day
    _elapsed: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a number style is being read."""
        return bool(self._kind)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take note of a start tag with short names."""
        self._text = ""
        if name in _STYLES:
            self._kind, self._name = name, attributes.get("style:name", "")
            self._codes[self._name], self._maps[self._name] = "", []
            self._elapsed = attributes.get("number:truncate-on-overflow") == "false"
        elif not self._kind:
            return
        elif name in _LETTERS:
            letters = _LETTERS[name][attributes.get("number:style") == "long"]
            textual = attributes.get("number:textual") == "true"
            if self._elapsed:
                letters, self._elapsed = f"[{letters}]", False
            self._add(f"mm{letters}" if textual else letters)
        elif name == "number:number":
            self._digits, self._embedded = attributes, {}
        elif name == "number:embedded-text":
            self._at = _count(attributes, "number:position")
        elif name == "style:map":
            found = _CONDITION.fullmatch(attributes.get("style:condition", ""))
            if found:
                sign = found[1].replace("!=", "<>")
                shown = attributes.get("style:apply-style-name", "")
                self._maps[self._name].append((sign + found[2], shown))

    def text(self, text: str) -> None:
        """Take note of text."""
        self._text += text

    def end(self, name: str) -> None:
        """Take note of an end tag with a short name."""
        text, self._text = self._text, ""
        if name in _STYLES:
            self._kind = ""
        elif not self._kind:
            return
        elif name in _SHOWN:
            # a symbol that is left to the country of the reader is not known here
            self._add(self._literal(text or ("¤" if name != "number:text" else "")))
        elif name == "number:fill-character" and text:
            self._add(f"*{text[0]}")
        elif name == "number:text-content":
            self._add("@")
        elif name == "number:embedded-text":
            self._embedded[self._at] = text
        elif name == "number:number":
            digits = _pattern(self._digits, self._embedded)
            # no program knows "General%"
            self._add("0" if digits == "General" and self._kind == _PERCENT else digits)
        elif name in _DIGITS:
            self._add(_DIGITS[name])

    def code(self, name: str) -> str:
        """Number format code of a style; ``""`` where it is none, or General."""
        last, maps = self._codes.get(name, ""), self._maps.get(name, [])[:3]
        if not maps:
            return own_code(last)
        usual = tuple(condition for condition, _ in maps) in _USUAL
        sections = [
            self._codes.get(shown, "") if usual else f"[{condition}]{self._codes.get(shown, '')}"
            for condition, shown in maps
        ]
        return own_code(";".join([*sections, last]))

    def _add(self, piece: str) -> None:
        self._codes[self._name] += piece

    def _literal(self, text: str) -> str:
        if self._kind in _DATES and len(text) == 1:
            return text
        if self._kind == _PERCENT and "%" in text:
            before, _, behind = text.partition("%")
            return f"{_quoted(before)}%{_quoted(behind)}"
        return _quoted(text)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '"\\""') + '"' if text else ""


def _count(attributes: Mapping[str, str], name: str, default: int = 0) -> int:
    text = attributes.get(name, "")
    return min(int(text), _MOST_DIGITS) if re.fullmatch("[0-9]{1,9}", text) else default


def _pattern(attributes: Mapping[str, str], embedded: Mapping[int, str]) -> str:
    """Digits of a format: "#,##0.0,"."""
    least = _count(attributes, "number:min-integer-digits")
    decimals = _count(attributes, "number:decimal-places")
    factor = attributes.get("number:display-factor", "1").partition(".")[0]
    thousands = (min(len(factor), _MOST_DIGITS) - 1) // 3
    grouped = attributes.get("number:grouping") == "true"
    says_nothing = "number:decimal-places" not in attributes and least == 1 and not thousands
    if says_nothing and not grouped and not embedded:
        return "General"
    whole = "0" * least or "#"
    if grouped:
        whole = f"#,{whole.rjust(3, '#')}"
    if embedded:
        digits = ("0" * least).rjust(max(least, *embedded) + 1, "#")
        whole = "".join(
            digit + _quoted(embedded.get(behind, ""))
            for behind, digit in zip(range(len(digits) - 1, -1, -1), digits, strict=True)
        )
    return whole + ("." + "0" * decimals if decimals else "") + "," * thousands
