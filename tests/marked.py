"""What a person sees in a marked copy: the colours of its cells."""


def colours(sheet):
    """Return the colour of the mark by area: that of the condition that goes first."""
    found = {}
    for area in sheet.conditional_formatting:
        for rule in area.rules:
            for cells in area.cells.ranges if rule.type == "expression" else ():
                shown = rule.priority, rule.dxf.fill.bgColor.rgb
                found[cells.coord] = min(shown, found.get(cells.coord, shown))
    return {cells: colour for cells, (_, colour) in found.items()}
