"""Pages without their looks: what they say, how they are built, the charts in them."""

import base64
import re
from html.parser import HTMLParser

_CHART = re.compile(r'<figure class="chart".*?</figure>', re.S)
_CODE = re.compile(r'(<details class="code">).*?(</details>)', re.S)
_STYLE = re.compile(r"(<style[^>]*>).*?(</style>)", re.S)
_PICTURE = re.compile(r'src="data:image/svg\+xml;base64,([^"]*)"')


class _Reader(HTMLParser):
    """Collects the words of a page, or its tags with their attributes in order of name."""

    def __init__(self):
        super().__init__()
        self.words, self.tags = [], []

    def handle_starttag(self, tag, attrs):
        told = (f'{name}="{value}"' for name, value in sorted(attrs) if name != "src")
        self.tags.append(" ".join([tag, *told]))

    def handle_endtag(self, tag):
        self.tags.append(f"/{tag}")

    def handle_data(self, data):
        if data.strip():
            self.words.append(data.strip())


def _read(markup):
    reader = _Reader()
    reader.feed(_STYLE.sub(r"\1\2", _CODE.sub(r"\1\2", markup)))
    reader.close()
    return reader


def words(markup):
    """Return what a page says, without code and looks."""
    return "\n".join(_read(markup).words) + "\n"


def tags(markup):
    """Return the tags of a page with their attributes, without pictures."""
    return "\n".join(_read(markup).tags) + "\n"


def charts(markup):
    """Return what stands around each chart: title, alternative text, table, CSV, source."""
    return [words(chart) + tags(chart) for chart in _CHART.findall(markup)]


def drawings(markup):
    """Return the first picture of each chart as its own text."""
    found = (_PICTURE.search(chart) for chart in _CHART.findall(markup))
    return [base64.b64decode(one[1]).decode() if one else "" for one in found]
