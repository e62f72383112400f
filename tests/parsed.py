"""Reads sentences of reports back and compares what they claim with the frame behind them."""

import re
from fractions import Fraction

from thidua_analysis import indicators
from thidua_analysis.charts import phrases
from thidua_analysis.indicators.selection import listed
from thidua_analysis.lineage.register import _MARKED, find_all
from thidua_analysis.vietnamese.display import bounded, money_alike

NEVER = re.compile(r"\bcả [01] |\+0,00|−0,00|\(\)|None|\bnan\b|(theo [^,;.]+), \1\b|\?\?| ,")

INFINITE = float("inf")
PARTS = ("numerator", "denominator")


class Frame:
    """What a frame of figures says of its last year, computed from its rows alone."""

    def __init__(self, frame):
        self.frame = frame
        self.rows = listed(frame)
        self.year = max((row.get("year", 0) for row in self.rows), default=0)
        by = [c for c in frame.attrs["by"] if c != "year"]
        varied = [c for c in by if frame[c].nunique() > 1]
        self.by = (varied or by or [None])[0]
        self.ds = next((row["lineage"].ds for row in self.rows if row["lineage"].ds), None)
        self.groups = {}
        for row in self.rows:
            group = str(row[self.by]) if self.by else ""
            self.groups.setdefault(group, {})[row.get("year", 0)] = row

    def name(self, group):
        label = self.frame.attrs["names"][self.by][group] if self.by else ""
        common = ("level", "method", "subject", "launched_by", "kind", "stage")
        return label[:1].lower() + label[1:] if self.by in common else label

    @property
    def names(self):
        return {self.name(group) for group in self.groups}

    def exact(self, row):
        if row["unit"] == "%":
            return Fraction(row["numerator"]) * 100 / Fraction(row["denominator"])
        return Fraction(str(row["numerator"] if row["numerator"] is not None else row["value"]))

    def values(self, year=None):
        year = self.year if year is None else year
        rows = {self.name(g): own.get(year) for g, own in self.groups.items()}
        return {n: self.exact(row) for n, row in rows.items() if row and row["value"] is not None}

    def text(self, name):
        row = next(own[self.year] for g, own in self.groups.items() if self.name(g) == name)
        # amounts of a frame are printed in one unit
        known = [r for r in self.rows if r["unit"] == "đồng" and r["value"] is not None]
        amounts = [r["numerator"] for r in known]
        if row["unit"] == "đồng" and row["value"] is not None and len(amounts) > 1:
            return bounded(money_alike(amounts)(row["numerator"]), row["bound"] or None)
        return str(row["text"])

    def changes(self, year=None):
        year = self.year if year is None else year
        found = {}
        for group, own in self.groups.items():
            now, before = own.get(year), own.get(year - 1)
            if not now or not before or now["value"] is None or before["value"] is None:
                continue
            if not now["comparable"] or now["unit"] != before["unit"]:
                continue
            change = self.exact(now) - self.exact(before)
            if now["bound"] or before["bound"]:
                (low, high), (less, more) = self.span(now), self.span(before)
                if not (low > more or high < less):
                    continue
            found[self.name(group)] = change
        return found

    def span(self, row):
        """The least and the greatest that a value can be."""
        value, bound = float(self.exact(row)), row["bound"]
        low = -INFINITE if bound in ("lt", "le", "approx") else value
        return low, INFINITE if bound in ("gt", "ge", "approx") else value

    @property
    def refused(self):
        rows = [own.get(self.year) for own in self.groups.values()]
        return any(r and r["value"] is None and r["reason"] and not r["missing"] for r in rows)

    @property
    def bounded(self):
        return any(
            own[year]["bound"] for own in self.groups.values() for year in own if own[year]["bound"]
        )

    @property
    def incomplete(self):
        if self.by == "member" and self.ds:
            have = {g for g, own in self.groups.items() if own.get(self.year, {}).get("text") != "–"
                    and self.year in own}  # fmt: skip
            partial = any(own[self.year]["lineage"].partial for g, own in self.groups.items()
                          if self.year in own)  # fmt: skip
            asked = self.frame.attrs["scope"].get("member")
            wanted = {asked} if asked else set(self.ds.expected(self.year))
            return partial or bool(wanted - have)
        rows = [own.get(self.year) for own in self.groups.values()]
        return any(r and (r["reporting"] < r["expected"] or r["lineage"].partial) for r in rows)


def same(claimed, true, known):
    names, more = split(claimed, known)
    assert names <= set(true), (claimed, true)
    assert len(names) + more == len(true), (claimed, true)


def split(words, known):
    """Names out of a list, where names may hold commas themselves."""
    more = re.search(r" và (\d+) [^,]* khác$", words)
    rest, names = words[: more.start()] if more else words, set()
    for name in sorted(known, key=len, reverse=True):
        if name and re.search(rf"(^|, ){re.escape(name)}(, |$)", rest):
            names.add(name)
            rest = re.sub(rf"(^|, ){re.escape(name)}(?=, |$)", "", rest, count=1)
    assert not rest.strip(", "), (words, rest)
    return names, int(more[1]) if more else 0


def check_comparisons(words, of):
    """Rises and falls are counted among what can be compared, and among nothing else."""
    changes = of.changes()
    ups, downs = sum(c > 0 for c in changes.values()), sum(c < 0 for c in changes.values())
    patterns = {
        r"tăng ở (\d+), giảm ở (\d+) trong (\d+)": (ups, downs, len(changes)),
        r"tăng ở (\d+)/(\d+)": (ups, len(changes)),
        r"giảm ở (\d+)/(\d+)": (downs, len(changes)),
        r"tăng ở cả (\d+)": (len(changes),),
        r"giảm ở cả (\d+)": (len(changes),),
        r"không đổi ở (\d+)": (len(changes),),
    }
    for pattern, true in patterns.items():
        for found in re.finditer(pattern, words):
            assert tuple(map(int, found.groups())) == true, (found[0], changes)
            some = "so sánh được" in words[found.end() : found.end() + 40]
            assert some == (len(changes) < len(of.groups)), (words, changes)
    if "tăng ở cả" in words:
        assert ups == len(changes)
    if "giảm ở cả" in words:
        assert downs == len(changes)
    if "không đổi ở" in words:
        assert ups == downs == 0
    for year, names in re.findall(r"Không so sánh năm (\d+) với năm trước(?: ở (.*?))?:", words):
        compared = set(of.changes(int(year)))
        if names:
            said, _ = split(names, of.names)
            assert not said & compared, (names, compared)
            assert compared or len(of.values(int(year))) > len(said)
        else:
            assert not compared, (words, compared)
    most = {"Tăng nhiều nhất": max, "Giảm nhiều nhất": min}
    for word, which in most.items():
        for joint, who in re.findall(
            rf"(Cùng )?{word}: (.*?) \((?:mỗi )?[^()]*\d[^()]*\)", words.replace("Cùng t", "Cùng T")
            .replace("Cùng g", "Cùng G"),
        ):  # fmt: skip
            best = [n for n, c in changes.items() if c == which(changes.values())]
            same(who, best, of.names)
            assert bool(joint) == (len(best) > 1)


def check_extremes(words, of):
    """Who is called the highest or lowest is, with all who are equal; and it can be known."""
    values = of.values()
    top = [n for n, v in values.items() if v == max(values.values())]
    low = [n for n, v in values.items() if v == min(values.values())]
    for joint, who, shown in re.findall(
        r": (?:\S+ \S+, )?(cùng )?(?:nhiều nhất là|cao nhất ở) (.*?) \(([^()]*\d[^()]*)\)", words
    ):
        assert not of.refused, words
        same(who, top, of.names)
        assert bool(joint) == (len(top) > 1), words
        shown = re.sub(r"^mỗi [^\d]*", "", shown)
        assert shown.startswith(of.text(top[0])), (shown, of.text(top[0]))
    for who, shown, least, small in re.findall(
        r"cao nhất là (.*?) \(([^()]*\d[^()]*)\), thấp nhất là (.*?) \(([^()]*\d[^()]*)\)\.", words
    ):
        assert not of.refused, words
        for claimed, true, printed in ((who, top, shown), (least, low, small)):
            tied = re.match(r"các .*? bằng nhau (.*)", claimed)
            assert bool(tied) == (len(true) > 1), (claimed, true)
            same(tied[1] if tied else claimed, true, of.names)
            assert set(printed.split("; ")) == {of.text(name) for name in true}
    for least, most in re.findall(r"gần như nhau[^()]*\(([^()]*)–([^()]*)\)", words):
        assert not any((of.refused, of.incomplete, of.bounded)), words
        assert (least, most) == (of.text(low[0]), of.text(top[0]))
        base = 100 if "%" in most else max(values.values())
        assert 0 < max(values.values()) - min(values.values()) < Fraction(base) / 100, words
    for number in re.findall(r"bằng nhau ở cả (\d+)", words):
        assert int(number) == len(of.groups) == len(top)


def check_figures(marked, ds):
    """Every figure that leads to its cells is printed as that figure is."""
    return check_links(_MARKED.findall(marked), ds)


def check_links(pairs, ds):
    pairs = list(pairs)
    found = dict(find_all(ds, [figure for figure, _ in pairs]))
    for figure, shown in pairs:
        assert figure in found, figure
        row = found[figure]
        parts = f"{row['numerator']}/{row['denominator']}"
        plain = re.sub(r"[.\s]", "", shown)
        true = re.sub(r"[.\s]", "", str(row["text"]))
        # a plan and what was done stand beside their percentage, and lead to the same cells
        alone = {re.sub(r"[.\s]", "", phrases.unrounded(row[part])) for part in PARTS if row[part]}
        as_amount = row["unit"] == "đồng" and is_amount(shown, row["numerator"])
        printed = true in plain or plain in true or plain.startswith(parts) or plain in alone
        assert as_amount or printed, (figure, shown, row["text"])


def is_amount(shown, value):
    """Whether a printed amount, in whatever unit its column has, is a value rounded."""
    found = re.search(r"([\d.]+(?:,(\d+))?)", shown)
    if not found or value is None:
        return False
    number = Fraction(found[1].replace(".", "").replace(",", "."))
    half = Fraction(1, 2 * 10 ** len(found[2] or ""))
    return any(abs(number - Fraction(value) / unit) <= half for unit in (1, 10**6, 10**9))


def check_words(words):
    assert not (found := NEVER.search(words)), (found, words)


def leaders(ds, year):
    """Members of rank 1 with their total, those ranked, and those expected."""
    frame = indicators.ranking(ds, year)
    ranked = frame[frame["rank"].notna()]
    return ranked, set(ds.expected(year))
