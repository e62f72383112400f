"""Typical filled-in forms for measurements: 6 sheets, 100 rows and 15 columns each."""

import random
from pathlib import Path

import xlsxwriter

from thidua_analysis.form.forms import current
from thidua_analysis.form.model import Field, Form

ROWS = 100


def write(path: Path, seed: int, member: str = "Hội Nông dân tỉnh", year: int = 2023) -> None:
    """Write one form with invented values, different for every seed."""
    chance = random.Random(seed)
    form = current("unit")
    with xlsxwriter.Workbook(path) as book:
        info = book.add_worksheet(form.info.sheet)
        about = [("Mã biểu", form.id), ("Đơn vị báo cáo", member),
                 ("Năm báo cáo", year), ("Lần gửi", 1 + seed)]  # fmt: skip
        for row, pair in enumerate(about):
            info.write_row(row, 0, pair)
        for number in range(5):
            table = form.table("targets" if number else "commendations")
            fields = [*table.fields, *table.fields[: 15 - len(table.fields)]]
            name = table.sheet if number < 2 else f"{table.sheet} {number}"
            # no sheet repeats the rows of another
            rows = range(number * ROWS + 1, (number + 1) * ROWS + 1)
            _fill(book.add_worksheet(name), form, fields[:15], len(table.fields), rows, chance)


def _fill(
    sheet: xlsxwriter.worksheet.Worksheet,
    form: Form,
    fields: list[Field],
    own: int,
    rows: range,
    chance: random.Random,
) -> None:
    sheet.write_row(0, 0, [f.heading if i < own else f"Cột {i}" for i, f in enumerate(fields)])
    for at, row in enumerate(rows, 1):
        people = [chance.randint(0, 9) for _ in range(5)]
        values = [_value(form, field, row, people, chance) for field in fields]
        sheet.write_row(at, 0, values)


def _value(
    form: Form, field: Field, row: int, people: list[int], chance: random.Random
) -> str | int | float:
    if field.codes:
        return chance.choice(form.labels(field.codes)) if field.name != "level" else (
            "Cấp cơ sở (huyện, xã, đơn vị)"
        )  # fmt: skip
    if field.type == "award":
        return "Giấy khen"
    if field.type == "date":
        return f"{chance.randint(1, 28)}/{chance.randint(1, 12)}/2023"
    if field.type in ("text", "personal"):
        return f"{field.heading} {row}"
    classes = ["leader_ministerial", "leader_department", "entrepreneur", "leader_other", "direct"]
    if field.name in classes:
        return people[classes.index(field.name)]
    if field.name == "individuals":
        return sum(people)
    if field.name in ("women", "ethnic_minority", "enterprises"):
        return 0
    return chance.randint(1, 900) + (chance.choice([0, 0.5]) if field.type == "number" else 0)
