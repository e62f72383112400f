"""Markup that a notebook shows is rebuilt from a short list of harmless tags and attributes."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

_VOID = frozenset({"br", "hr", "img", "wbr", "col"})
_TAGS = _VOID | frozenset(
    "a abbr aside b blockquote caption code colgroup dd del details div dl dt em figcaption "
    "figure h1 h2 h3 h4 h5 h6 i kbd li ol p pre s section small span strong sub summary sup "
    "table tbody td tfoot th thead time tr u ul".split()
)
#: These go with everything that they hold.
_DROPPED = frozenset(
    "script style template iframe object embed noscript noembed noframes svg math title "
    "textarea select option button form frameset applet audio video canvas head xmp "
    "plaintext".split()
)
_ATTRIBUTES = frozenset(
    "class title lang dir scope colspan rowspan alt width height role tabindex open start "
    "datetime".split()
)
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*")
_LINK = re.compile(r"(https?://|mailto:|#|[\w./-]+$)", re.I)


class _Rebuilder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.open: list[str] = []
        self.dropping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self.dropping.append(tag)
        if self.dropping or tag not in _TAGS:
            return
        kept = [pair for name, value in attrs if (pair := _attribute(tag, name, value))]
        if tag == "img" and not any(pair.startswith("src=") for pair in kept):
            return
        self.parts.append(f"<{' '.join([tag, *kept])}>")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self.dropping:
            if tag == self.dropping[-1]:
                self.dropping.pop()
            return
        while tag in self.open:
            closed = self.open.pop()
            self.parts.append(f"</{closed}>")
            if closed == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self.dropping:
            self.parts.append(escape(data, quote=False))

    def result(self) -> str:
        self.close()
        return "".join([*self.parts, *(f"</{tag}>" for tag in reversed(self.open))])


def _attribute(tag: str, name: str, value: str | None) -> str | None:
    value = value or ""
    allowed = (
        name in _ATTRIBUTES
        or name.startswith("aria-")
        or (tag == "img" and name == "src" and _PICTURE.fullmatch(value))
        or (tag == "a" and name == "href" and _LINK.match(value))
    )
    return f'{name}="{escape(value)}"' if allowed else None


def sanitize(markup: str) -> str:
    """Return markup without anything that could run, load, post or escape its place.

    Parameters
    ----------
    markup
        Any text, also broken or hostile.

    Examples
    --------
    >>> sanitize('<p onclick="x()">Tổng<script>alert(1)</script> số</main>')
    '<p>Tổng số</p>'
    """
    rebuilder = _Rebuilder()
    rebuilder.feed(markup)
    return rebuilder.result()
