"""A marked copy of a workbook: cells coloured and commented, a list in front, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from thidua_analysis.exchange.marks import comments
from thidua_analysis.exchange.marks.listing import SAMPLES_AFTER, Listing, sheet_part
from thidua_analysis.exchange.marks.markup import (
    Edit,
    Tag,
    UnmarkableError,
    edited,
    elements,
    escape,
    only,
    with_attribute,
)
from thidua_analysis.exchange.marks.package import Package
from thidua_analysis.exchange.marks.sheet import Position, SheetPart, position
from thidua_analysis.exchange.marks.styles import NEW_PART, Styles

_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_VML = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORST = ("error", "warning", "note")
#: Boxes of comments are numbered from here; programs number theirs from 1025.
_FIRST_BOX = 1024


class Mark(NamedTuple):
    """What to say of one cell, and how bad it is: ``error``, ``warning`` or ``note``."""

    sheet: str
    cell: str
    severity: str
    text: str


def mark(data: bytes, marks: Iterable[Mark], listing: Listing) -> bytes:
    """Return a marked copy of a workbook.

    Parameters
    ----------
    data
        An .xlsx or .xlsm package that the gate has admitted.
    marks
        What to mark; several marks of one cell give one comment.
    listing
        The list to put in front; a sheet of its name from a former copy is replaced.

    Returns
    -------
    bytes
        A package in which marked cells have another format and a comment, with one more sheet
        in front. All other parts are the same bytes.

    Raises
    ------
    UnmarkableError
        If the package is built so that it cannot be marked without loss.
    """
    try:
        return _marked(Package(data), marks, listing)
    except (ValueError, KeyError, IndexError) as error:  # numbers that are none, and the like
        raise UnmarkableError(type(error).__name__) from error


def _marked(package: Package, marks: Iterable[Mark], listing: Listing) -> bytes:
    main = package.related("", "officeDocument") or package.find("xl/workbook.xml")
    if main is None:
        raise UnmarkableError("workbook")
    styles, style_part = _styles(package, main)
    sheets = _sheets(package, main)
    if former_list := sheets.get(listing.sheet):
        styles.learn(SheetPart(package.parts[former_list]).formats(1, SAMPLES_AFTER))
    by_sheet: dict[str, list[Mark]] = {}
    for one in marks:
        by_sheet.setdefault(one.sheet, []).append(one)
    for name, part in sheets.items():
        former = styles.bears_marks or _has_former_marks(package, part)
        if name in by_sheet or (former and name != listing.sheet):
            _mark_sheet(package, part, by_sheet.get(name, []), styles)
    _put_list(package, main, former_list, listing, styles)
    package.parts[style_part] = styles.render()
    return package.pack()


def threaded(data: bytes) -> frozenset[tuple[str, str]]:
    """Return sheet and cell of all threads of comments, which hide other comments on their cell.

    Parameters
    ----------
    data
        As for `mark`; nothing is found in what cannot be marked.
    """
    try:
        package = Package(data)
        main = package.related("", "officeDocument") or package.find("xl/workbook.xml") or ""
        return frozenset(
            (name, tag.attributes.get("ref", ""))
            for name, part in _sheets(package, main).items()
            if (thread := package.related(part, "threadedComment"))
            for tag in elements(package.parts[thread], {"threadedComment"})
        )
    except (UnmarkableError, ValueError, KeyError, IndexError):
        return frozenset()


def _styles(package: Package, main: str) -> tuple[Styles, str]:
    name = package.related(main, "styles")
    if name is None:
        name = package.add("xl/styles.xml", NEW_PART, f"{_SPREADSHEET}styles+xml")
        package.relate(main, "styles", name)
    return Styles(package.parts[name]), name


def _sheets(package: Package, main: str) -> dict[str, str]:
    """Name of every sheet with cells → its part."""
    parts = {r.id: r.part for r in package.relations(main) if r.kind == "worksheet"}
    found = {}
    for tag in elements(package.parts[main], {"sheet"}):
        relation = next((v for k, v in tag.attributes.items() if k.rpartition(":")[2] == "id"), "")
        if tag.parent == "sheets" and relation in parts:
            found[tag.attributes.get("name", "")] = parts[relation]
    return found


def _has_former_marks(package: Package, part: str) -> bool:
    name = package.related(part, "comments")
    return name is not None and comments.AUTHOR.encode() in package.parts[name]


def _mark_sheet(package: Package, part: str, marks: list[Mark], styles: Styles) -> None:
    sheet = SheetPart(package.parts[part])
    texts: dict[Position, list[Mark]] = {}
    for one in marks:
        texts.setdefault(sheet.shown(position(one.cell)), []).append(one)
    worst = {
        place: min((one.severity for one in found), key=_WORST.index)
        for place, found in texts.items()
    }
    sheet.colour(worst, styles)
    _comment(package, part, sheet, {p: "\n\n".join(m.text for m in f) for p, f in texts.items()})
    package.parts[part] = sheet.render()


def _comment(package: Package, part: str, sheet: SheetPart, texts: Mapping[Position, str]) -> None:
    """Add the comments of a sheet, and the boxes in which they show."""
    name = package.related(part, "comments")
    if name is None and not texts:
        return
    if name is None:
        new = comments.NEW_COMMENTS
        name = package.add("xl/comments{}.xml", new, f"{_SPREADSHEET}comments+xml")
        package.relate(part, "comments", name)
    done = comments.with_comments(package.parts[name], texts)
    package.parts[name] = done.part
    if not (done.new or done.dropped):
        return
    shapes = _shapes(package, part, sheet)
    boxes = comments.without_shapes(package.parts[shapes], done.dropped)
    fresh = {place: texts[place] for place in done.new}
    package.parts[shapes] = comments.with_shapes(boxes, fresh, _FIRST_BOX)


def _shapes(package: Package, part: str, sheet: SheetPart) -> str:
    """Return the part with the boxes of a sheet's comments; a new one where there is none."""
    relation = sheet.drawing
    if relation is not None:
        found = [r.part for r in package.relations(part) if r.id == relation]
        if not found:
            raise UnmarkableError("drawing")
        return found[0]
    name = package.add("xl/drawings/vmlDrawing{}.vml", comments.NEW_SHAPES, _VML)
    sheet.link_drawing(package.relate(part, "vmlDrawing", name))
    return name


# --- the list in front -----------------------------------------------------------------------


def _put_list(
    package: Package, main: str, former: str | None, listing: Listing, styles: Styles
) -> None:
    content = sheet_part(listing, styles)
    if former is not None:
        package.parts[former] = content
        return
    name = package.add("xl/worksheets/sheet{}.xml", content, f"{_SPREADSHEET}worksheet+xml")
    relation = package.relate(main, "worksheet", name)
    package.parts[main] = _with_sheet(package.parts[main], listing.sheet, relation)


def _with_sheet(part: bytes, name: str, relation: str) -> bytes:
    """Put a sheet in front; what counts sheets from the first one counts one more."""
    found = elements(part, {"sheets", "sheet", "definedName", "workbookView"})
    sheets = only(found, "sheets", 1)
    if sheets is None or sheets.empty:
        raise UnmarkableError("sheets")
    numbers = [int(t.attributes.get("sheetId", "0")) for t in found if t.name == "sheet"]
    entry = (
        f'<{sheets.prefix.decode()}sheet name="{escape(name).decode()}" '
        f'sheetId="{max(numbers) + 1}" xmlns:r="{_RELATIONS}" r:id="{relation}"/>'
    )
    edits: list[Edit] = [(sheets.end, sheets.end, entry.encode())]
    for tag in found:
        counted = _COUNTING.get(tag.name)
        if counted and (counted in tag.attributes or tag.name == "workbookView"):
            edits.append(_one_more(part, tag, counted))
    return edited(part, edits)


_COUNTING = {"definedName": "localSheetId", "workbookView": "activeTab"}


def _one_more(part: bytes, tag: Tag, name: str) -> Edit:
    number = int(tag.attributes.get(name, "0")) + 1
    opened = with_attribute(tag.within(part), name, str(number))
    if "firstSheet" in tag.attributes:
        opened = with_attribute(opened, "firstSheet", "0")
    return tag.start, tag.end, opened
