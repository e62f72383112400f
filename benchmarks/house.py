"""How large and how tangled the package is: ``python -m benchmarks house [--list NAME]``."""

import argparse
import ast
import io
import sys
import tokenize
from collections import Counter
from functools import cached_property
from pathlib import Path

PACKAGE = "thidua_analysis"
ROOT = Path(__file__).parents[1] / "src" / PACKAGE
#: Lines that each room may have, blanks and comments too.
BUDGETS = {
    "(root)": 900, "messages": 90, "form": 820, "vietnamese": 1480, "excel": 2350,
    "submission": 3600, "store": 1100, "indicators": 2000, "lineage": 920,
    "charts": 1850, "publish": 1750, "official": 1050, "exchange": 2900, "cli": 750,
}  # fmt: skip
_SILENT = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
    tokenize.ENDMARKER,
}
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DOCUMENTED = (ast.Module, ast.ClassDef, *_DEFINITIONS)


class Module:
    """One file of the package: its name without the package, its text and tree."""

    def __init__(self, path):
        self.path = path
        below = path.relative_to(ROOT).with_suffix("")
        self.parts = [part for part in below.parts if part != "__init__"]
        self.name = ".".join(self.parts)
        self.is_package = path.name == "__init__.py"
        # the package's own __init__ only hands on names: it is in no room
        self.room = self.parts[0] if len(below.parts) > 1 else "(root)"
        self.text = path.read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)
        self.lines = self.text.count("\n")

    @cached_property
    def code(self):
        """Number of lines without blanks, comments and docstrings."""
        silent = set()
        for node in ast.walk(self.tree):
            if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
                silent.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        told = (t for t in tokens if t.type not in _SILENT)
        lines = {line for t in told for line in range(t.start[0], t.end[0] + 1)}
        return len(lines - silent)

    @cached_property
    def functions(self):
        """Length of each function by its name."""
        found = (node for node in ast.walk(self.tree) if isinstance(node, _DEFINITIONS))
        return {f"{self.name}.{f.name}": f.end_lineno - f.lineno + 1 for f in found}

    def imports(self, known, *, inside=True):
        """Return the modules that this one imports, within functions too unless told otherwise."""
        found = set()
        for node in _imports(self.tree, inside):
            for name in self._targets(node):
                parts = name.split(".")
                while parts and ".".join(parts) not in known:
                    parts.pop()
                found.add(".".join(parts))
        return found - {"", self.name}

    def _targets(self, node):
        if isinstance(node, ast.Import):
            return [a.name[len(PACKAGE) + 1 :] for a in node.names if a.name.startswith(PACKAGE)]
        base = (node.module or "").split(".")
        if node.level:
            up = self.parts[: len(self.parts) - node.level + self.is_package]
            base = [PACKAGE, *up, *filter(None, base)]
        if base[0] != PACKAGE:
            return []
        return [".".join([*base[1:], alias.name]) for alias in node.names]


def _imports(node, inside):
    """Yield import statements, without those that only a type checker follows."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        elif inside or not isinstance(child, _DEFINITIONS):
            yield from _imports(child, inside)


def circles(edges):
    """Return groups of nodes that import each other, each as a sorted list."""

    def reach(start):
        seen, todo = set(), [start]
        while todo:
            for after in edges.get(todo.pop(), ()):
                if after not in seen:
                    seen.add(after)
                    todo.append(after)
        return seen

    reached = {node: reach(node) for node in edges}
    groups = {frozenset(b for b in reached[a] if a in reached.get(b, ())) for a in edges}
    return sorted(sorted(group) for group in groups if group)


def room_of(name):
    """Return the room of a module; loose modules at the root are a room each."""
    return name.partition(".")[0]


class House:
    """The package as it is measured; each list of offenders has the name of its line."""

    def __init__(self):
        self.modules = [Module(p) for p in sorted(ROOT.rglob("*.py"))]
        named = {m.name: m for m in self.modules}
        self.edges = {m.name: m.imports(named) for m in self.modules}
        #: imports at the top of a module: those that fail where they go in a circle
        self.top = {m.name: m.imports(named, inside=False) for m in self.modules}
        self.rooms = sorted({m.room for m in self.modules})

    @cached_property
    def room_circles(self):
        """Rooms that import each other."""
        edges = {}
        for name, targets in self.edges.items():
            if name:
                edges.setdefault(room_of(name), set()).update(map(room_of, targets))
        return circles({a: found - {a} for a, found in edges.items()})

    def table(self):
        """Yield name, value, bound and offenders of everything that is bounded."""
        files = [m for m in self.modules if not m.is_package]
        importers = Counter(target for targets in self.edges.values() for target in targets)
        names = Counter(m.path.name for m in files)
        twice = [
            f"{n} {[m.name for m in files if m.path.name == n]}" for n in names if names[n] > 1
        ]
        lonely = [
            f"{m.name} ← {next(a for a, to in self.edges.items() if m.name in to)}"
            for m in files if importers[m.name] == 1
        ]  # fmt: skip
        root = [m.path.name for m in self.modules if m.room == "(root)"]
        deepest = max(len(m.path.relative_to(ROOT).parts) - 1 for m in self.modules)
        functions = {n: k for m in self.modules for n, k in m.functions.items()}
        inside = circles({a: to for a, to in self.top.items() if a})
        many = sorted(self.modules, key=lambda m: -len(self.edges[m.name]))
        yield "root", "modules at the root", len(root), 8, root
        yield "rooms", "rooms", len(self.rooms) - 1, 14, self.rooms[1:]
        yield "depth", "levels of folders", deepest, 2, _deep(self.modules)
        yield "modules", "modules", len(self.modules), 130, [m.name for m in self.modules]
        yield "lines", "lines in src, all", sum(m.lines for m in self.modules), 22000, []
        yield "code", "lines in src, code alone", sum(m.code for m in self.modules), 15500, []
        yield "lonely", "modules with one importer", len(lonely), 25, lonely
        yield "twice", "file names that occur twice", len(twice), 0, twice
        yield "room-circles", "import circles of rooms", len(self.room_circles), 0, self._told()
        yield "circles", "import circles of modules", len(inside), 0, map(" ".join, inside)
        edges = sum(map(len, self.edges.values())) / len(self.modules)
        told = [f"{len(self.edges[m.name]):3} {m.name}" for m in many]
        yield "edges", "imports of own modules a module", round(edges, 2), 4.0, told
        yield (
            "module",
            "lines of the largest module",
            *_largest({m.name: m.lines for m in files}, 400),
        )
        yield "function", "lines of the largest function", *_largest(functions, 60)

    def _told(self):
        """Say of each circle of rooms which imports run within it."""
        for group in self.room_circles:
            yield " ".join(group)
            for name, targets in self.edges.items():
                others = {target for target in targets if room_of(target) != room_of(name)}
                inside = sorted(other for other in others if room_of(other) in group)
                if room_of(name) in group:
                    yield from (f"    {name} → {other}" for other in inside)

    def by_room(self):
        """Yield name, modules, lines, lines of code and budget of each room."""
        for room in [*BUDGETS, *(r for r in self.rooms if r not in BUDGETS)]:
            own = [m for m in self.modules if m.room == room]
            lines, code = sum(m.lines for m in own), sum(m.code for m in own)
            yield room, len(own), lines, code, BUDGETS.get(room, "")


def _deep(modules):
    return [m.name for m in modules if len(m.path.relative_to(ROOT).parts) > 3]


def _largest(sizes, bound):
    found = sorted(sizes.items(), key=lambda one: -one[1])
    return found[0][1], bound, [f"{size:4} {name}" for name, size in found[:40]]


def main():
    """Print the table, or what is counted in one of its lines."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks house")
    parser.add_argument("--list", metavar="NAME", help="first word of a line of the table")
    asked = parser.parse_args(sys.argv[2:])
    house = House()
    for name, label, value, bound, offenders in house.table():
        if asked.list == name:
            print(*offenders, sep="\n")
        elif not asked.list:
            verdict = "met" if value <= bound else "not met"
            print(f"{name:13}{label:33}{value:>8}  ≤ {bound:<7}{verdict}")
    if not asked.list:
        print(f"\n{'room':13}{'modules':>8}{'lines':>8}{'code':>8}{'budget':>8}")
        for room, *numbers in house.by_room():
            print(f"{room:13}" + "".join(f"{number:>8}" for number in numbers))


if __name__ == "__main__":
    main()
