"""Marks in a sender's own workbook: coloured cells, notes on them, and a list in front."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from thidua_analysis import excel
from thidua_analysis.excel import LIMITS, Limits, Position, address, position
from thidua_analysis.exchange import marked_notes
from thidua_analysis.exchange.listing import (
    FILLS,
    MOST_LINES,
    Listing,
    comment,
    in_order,
    listing,
    sheet_part,
    write_list,
)
from thidua_analysis.exchange.marked_package import (
    MAIN,
    RELATIONS,
    Edit,
    Package,
    Tag,
    UnmarkableError,
    edited,
    elements,
    escape,
    only,
    prefixed,
    with_attribute,
    within,
)
from thidua_analysis.exchange.new_book import converted, save
from thidua_analysis.findings import Finding
from thidua_analysis.form.forms import current
from thidua_analysis.messages import text
from thidua_analysis.submission.which_form import name_of_list
from thidua_analysis.vietnamese.display import Lang

_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_VML = "application/vnd.openxmlformats-officedocument.vmlDrawing"
#: Our conditional formats hold always; a program that saves the copy keeps what they compare.
_SIGN = "thidua-can-sua"
_FORMULA = f'"{_SIGN}"="{_SIGN}"'
#: A list of areas longer than this is read by no program for sure.
_MOST_AREAS = 500
#: What may stand in a sheet from its conditional formats on, in the order of the schema.
_TAIL = (
    "conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup "
    "headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags drawing "
    "legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls webPublishItems "
    "tableParts extLst"
).split()
_AFTER_BOXES = _TAIL[_TAIL.index("legacyDrawing") + 1 :]
_SHEET = frozenset({"worksheet", "sheetData", "mergeCell", "cfRule", *_TAIL})

_AFTER_DXFS = ("tableStyles", "colors", "extLst")
_STYLES = frozenset(
    {"styleSheet", "fonts", "font", "fills", "fill", "cellXfs", "xf", "dxfs", "dxf", *_AFTER_DXFS}
)
_TIMES = '<name val="Times New Roman"/>'
_FONTS = {
    "title": f'<font><b/><sz val="14"/><color rgb="FF12436D"/>{_TIMES}</font>',
    "strong": f'<font><b/><sz val="12"/>{_TIMES}</font>',
    "plain": f'<font><sz val="12"/>{_TIMES}</font>',
    "link": f'<font><u/><sz val="12"/><color rgb="FF0000FF"/>{_TIMES}</font>',
}
#: a text keeps clear of the column before it
_WRAPPED = ' horizontal="left" indent="1" wrapText="1"'
#: The looks of the list: font, fill, and whether text is wrapped.
_LOOKS = {
    "title": ("title", "", ""),
    "text": ("plain", "", _WRAPPED),
    "plain": ("plain", "", ""),
    "heading": ("strong", "FFE7EDF3", _WRAPPED),
    "link": ("link", "", _WRAPPED),
    **{severity: ("strong", colour, _WRAPPED) for severity, colour in FILLS.items()},
}
_NEW_STYLES = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<styleSheet xmlns="{MAIN}">'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
).encode()


#: How a copy was made: the sender's own package, a copy of its values, or the list alone.
How = Literal["marked", "converted", "list"]
_OWN_KINDS = ("xlsx", "xlsm")


class Mark(NamedTuple):
    """What to say of one cell, and how bad it is: ``error``, ``warning`` or ``note``."""

    sheet: str
    cell: str
    severity: str
    text: str


def write_marked_copy(
    source: Path,
    target: Path,
    findings: Sequence[Finding],
    fixed: Iterable[Finding] = (),
    *,
    revision: int = 1,
    limits: Limits = LIMITS,
    lang: Lang = "vi",
) -> tuple[Path, How]:
    """Write a copy of a file in which every finding is marked, and say how it was made.

    The ending of the target follows what the file is. The list also says what was put right
    since the file before (``fixed``), and which revision the next file states.
    """
    data = source.read_bytes()
    reading = excel.read(data, source.name, limits)
    book, own = reading.workbook, reading.kind in _OWN_KINDS

    def listed(remark: str = "") -> Listing:
        return listing(
            findings,
            fixed,
            sheet=name_of_list(book) if book else current("unit").mending,
            remark=remark,
            unseen=threaded(data) if book and own else (),
            revision=revision + 1,
            lang=lang,
        )

    def list_alone(why: str) -> tuple[Path, How]:
        remark = text("copy-list", lang, why=text(f"copy-why-{why}", lang))
        write_list(listed(remark), target.with_suffix(".xlsx"))
        return target.with_suffix(".xlsx"), "list"

    if book is None:
        return list_alone("unreadable")
    marks = [
        Mark(one.sheet, one.cell, one.severity, comment(one, lang))
        for one in in_order(findings)[:MOST_LINES]
        if one.sheet and one.cell
    ]
    try:
        if own:
            path = target.with_suffix(f".{reading.kind}")
            return save(path, mark(data, marks, listed())), "marked"
        remark = text("copy-converted", lang, kind=reading.kind)
        copy = mark(converted(book), marks, listed(remark))
        return save(target.with_suffix(".xlsx"), copy), "converted"
    except UnmarkableError:
        return list_alone("structure")


def mark(data: bytes, marks: Iterable[Mark], listing: Listing) -> bytes:
    """Return a marked copy of an .xlsx or .xlsm package that the gate has admitted.

    Marked cells have a colour and a note more, and one more sheet stands in front; a sheet of its
    name from a former copy is replaced, and former marks go. Several marks of one cell give one
    note. All other parts are the same bytes.
    """
    try:
        package = Package(data)
        looks, colours = _formats(package)
        sheets = _sheets(package)
        by_sheet: dict[str, list[Mark]] = {}
        for one in marks:
            by_sheet.setdefault(one.sheet, []).append(one)
        for name, part in sheets.items():
            if name in by_sheet or (name != listing.sheet and _has_former_marks(package, part)):
                _mark_sheet(package, part, by_sheet.get(name, []), colours)
        _put_list(package, sheets.get(listing.sheet), listing, looks)
        return package.pack()
    except (ValueError, KeyError, IndexError) as error:  # numbers that are none, and the like
        raise UnmarkableError(type(error).__name__) from error


def threaded(data: bytes) -> frozenset[tuple[str, str]]:
    """Return sheet and cell of all threads of comments, which hide our notes on their cell.

    Nothing is found in what cannot be marked.
    """
    try:
        package = Package(data)
        return frozenset(
            (name, tag.attributes.get("ref", ""))
            for name, part in _sheets(package).items()
            if (thread := package.related(part, "threadedComment"))
            for tag in elements(package.parts[thread], {"threadedComment"})
        )
    except (UnmarkableError, ValueError, KeyError, IndexError):
        return frozenset()


def _sheets(package: Package) -> dict[str, str]:
    """Return the name of every sheet with cells → its part."""
    parts = {r.id: r.part for r in package.relations(package.main) if r.kind == "worksheet"}
    tags = elements(package.parts[package.main], {"sheet"})
    return {
        tag.attributes.get("name", ""): parts[tag.relation]
        for tag in tags
        if tag.parent == "sheets" and tag.relation in parts
    }


def _formats(package: Package) -> tuple[dict[str, int], dict[str, int]]:
    """Add our formats: numbers of the looks of the list, and of the colours of the marks."""
    name = package.related(package.main, "styles") or package.find("xl/styles.xml")
    if name is None:
        name = package.add("xl/styles.xml", _NEW_STYLES, f"{_SPREADSHEET}styles+xml")
        package.relate(package.main, "styles", name)
    part = _with_dxfs(package.parts[name])
    found = elements(part, _STYLES)
    edits: list[Edit] = []

    def added(holder: str, entries: Mapping[str, str]) -> dict[str, int]:
        known = sum(tag.parent == holder and tag.depth == 2 for tag in found)
        content, count = "".join(entries.values()), known + len(entries)
        edits.extend(only(found, holder, 1).append(part, content, count=count))
        return {entry: number for number, entry in enumerate(entries, known)}

    fonts = added("fonts", _FONTS)
    fills = {"": 0, **added("fills", {c: _fill(c) for _, c, _ in _LOOKS.values() if c})}
    looks = {
        look: f'<xf numFmtId="49" fontId="{fonts[font]}" fillId="{fills[colour]}" borderId="0" '
        'quotePrefix="1" applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1">'
        f'<alignment vertical="top"{wrap}/></xf>'
        for look, (font, colour, wrap) in _LOOKS.items()
    }
    numbers = added("cellXfs", looks)
    colours = added("dxfs", {s: f"<dxf>{_fill(colour)}</dxf>" for s, colour in FILLS.items()})
    package.parts[name] = edited(part, edits)
    return numbers, colours


def _with_dxfs(part: bytes) -> bytes:
    """Return the styles with a list of the formats that depend on conditions, empty if new."""
    found = elements(part, {"styleSheet", "dxfs", *_AFTER_DXFS})
    if any(tag.name == "dxfs" and tag.depth == 1 for tag in found):
        return part
    root = only(found, "styleSheet", 0)
    at = next((tag.start for tag in found if tag.depth == 1), root.close)
    return edited(part, [(at, at, prefixed('<dxfs count="0"></dxfs>', root.prefix))])


def _fill(colour: str) -> str:
    """Return a plain fill: cells take the first colour, conditional formats the second one."""
    return (
        f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/>'
        f'<bgColor rgb="{colour}"/></patternFill></fill>'
    )


def _has_former_marks(package: Package, part: str) -> bool:
    notes = package.related(part, "comments")
    told = package.parts[notes] if notes else b""
    return _SIGN.encode() in package.parts[part] or marked_notes.AUTHOR.encode() in told


def _mark_sheet(
    package: Package, name: str, marks: Iterable[Mark], colours: Mapping[str, int]
) -> None:
    part = package.parts[name]
    found = elements(part, _SHEET)
    bounds = (tag.attributes["ref"].partition(":") for tag in found if tag.name == "mergeCell")
    merges = {position(first): position(last or first) for first, _, last in bounds}
    by_place: dict[Position, list[Mark]] = {}
    for one in marks:
        by_place.setdefault(_shown(position(one.cell), merges), []).append(one)
    areas: dict[str, list[str]] = {severity: [] for severity in FILLS}
    for place, several in by_place.items():
        worst = min((one.severity for one in several), key=list(FILLS).index)
        last = f":{address(*merges[place])}" if place in merges else ""
        areas[worst].append(f"{address(*place)}{last}")
    texts = {p: "\n\n".join(one.text for one in several) for p, several in by_place.items()}
    edits = [*_coloured(part, found, areas, colours), *_noted(package, name, found, texts)]
    package.parts[name] = edited(part, edits)


def _shown(place: Position, merges: Mapping[Position, Position]) -> Position:
    """Return the cell that shows at a place: the first one of a merged range."""
    for (top, left), (bottom, right) in merges.items():
        if top <= place[0] <= bottom and left <= place[1] <= right:
            return top, left
    return place


def _coloured(
    part: bytes, found: list[Tag], areas: Mapping[str, list[str]], colours: Mapping[str, int]
) -> list[Edit]:
    """Edits that colour areas by conditional formats, and take those of former marks away.

    The sender's own conditions go before ours, as they go before any colour of a cell; ours stand
    first in the part, since LibreOffice shows but the first one of a cell.
    """
    edits: list[Edit] = []
    priorities = [0]
    for block, inner in within(found, "conditionalFormatting"):
        rules = [tag for tag in inner if tag.name == "cfRule"]
        ours = [rule for rule in rules if _SIGN.encode() in rule.content(part)]
        edits += [block.removed()] if ours and ours == rules else [r.removed() for r in ours]
        priorities += [int(r.attributes.get("priority", 0)) for r in rules if r not in ours]
    parts = (
        (severity, several[at : at + _MOST_AREAS])
        for severity, several in areas.items()
        for at in range(0, len(several), _MOST_AREAS)
    )
    content = "".join(
        f'<conditionalFormatting sqref="{" ".join(several)}">'
        f'<cfRule type="expression" dxfId="{colours[severity]}" priority="{priority}">'
        f"<formula>{escape(_FORMULA)}</formula></cfRule></conditionalFormatting>"
        for priority, (severity, several) in enumerate(parts, max(priorities) + 1)
    )
    return [*edits, _put(found, _TAIL, content)]


def _put(found: Iterable[Tag], tail: Collection[str], content: str) -> Edit:
    """Return the edit that puts content before all that comes later in a sheet."""
    root = only(found, "worksheet", 0)
    at = next((tag.start for tag in found if tag.depth == 1 and tag.name in tail), root.close)
    return at, at, prefixed(content, root.prefix)


def _noted(
    package: Package, name: str, found: list[Tag], texts: Mapping[Position, str]
) -> list[Edit]:
    """Add the notes of a sheet and the boxes in which they show; return what links to these."""
    notes = package.related(name, "comments")
    if notes is None and not texts:
        return []
    if notes is None:
        new = marked_notes.NEW_NOTES
        notes = package.add("xl/comments{}.xml", new, f"{_SPREADSHEET}comments+xml")
        package.relate(name, "comments", notes)
    done = marked_notes.with_notes(package.parts[notes], texts)
    package.parts[notes] = done.part
    if not (done.new or done.dropped):
        return []
    link: list[Edit] = []
    drawing = next((t for t in found if t.name == "legacyDrawing" and t.depth == 1), None)
    if drawing is None:
        boxes = package.add("xl/drawings/vmlDrawing{}.vml", marked_notes.NEW_BOXES, _VML)
        relation = package.relate(name, "vmlDrawing", boxes)
        tag = f'<legacyDrawing xmlns:r="{RELATIONS}" r:id="{relation}"/>'
        link = [_put(found, _AFTER_BOXES, tag)]
    else:
        boxes = {r.id: r.part for r in package.relations(name)}[drawing.relation or ""]
    fresh = {place: texts[place] for place in done.new}
    package.parts[boxes] = marked_notes.with_boxes(package.parts[boxes], fresh, done.dropped)
    return link


def _put_list(
    package: Package, former: str | None, listing: Listing, looks: Mapping[str, int]
) -> None:
    content = sheet_part(listing, looks)
    if former is not None:
        package.parts[former] = content
        return
    name = package.add("xl/worksheets/sheet{}.xml", content, f"{_SPREADSHEET}worksheet+xml")
    relation = package.relate(package.main, "worksheet", name)
    main = package.parts[package.main]
    package.parts[package.main] = _with_sheet(main, listing.sheet, relation)


def _with_sheet(part: bytes, name: str, relation: str) -> bytes:
    """Put a sheet in front; what counts sheets from the first one counts one more."""
    found = elements(part, {"sheets", "sheet", "definedName", "workbookView"})
    sheets = only(found, "sheets", 1)
    number = max(int(t.attributes.get("sheetId", 0)) for t in found if t.name == "sheet") + 1
    entry = (
        f'<sheet name="{escape(name)}" sheetId="{number}" xmlns:r="{RELATIONS}" r:id="{relation}"/>'
    )
    edits: list[Edit] = [(sheets.end, sheets.end, prefixed(entry, sheets.prefix))]
    for tag in found:
        counter = "activeTab" if tag.name == "workbookView" else "localSheetId"
        if tag.name == "workbookView" or counter in tag.attributes:
            one_more = str(int(tag.attributes.get(counter, 0)) + 1)
            opened = with_attribute(tag.opened(part), counter, one_more)
            if "firstSheet" in tag.attributes:
                opened = with_attribute(opened, "firstSheet", "0")
            edits.append((tag.start, tag.end, opened))
    return edited(part, edits)
