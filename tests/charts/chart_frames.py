"""Frames of figures of any size, in the contract of docs/architecture.md."""

from fractions import Fraction

import pandas as pd

from thidua_analysis.vietnamese.display import money as as_money
from thidua_analysis.vietnamese.display import number, percent

NAMES = (
    "Ủy ban MTTQ Việt Nam tỉnh", "Liên đoàn Lao động tỉnh", "Hội Liên hiệp Phụ nữ tỉnh",
    "Hội Nông dân tỉnh", "Hội Cựu chiến binh tỉnh", "Tỉnh đoàn", "Hội Chữ thập đỏ tỉnh",
    "Hội Người cao tuổi tỉnh", "Liên minh Hợp tác xã tỉnh", "Hội Khuyến học tỉnh",
    "Liên hiệp các Hội Khoa học và Kỹ thuật tỉnh", "Hội Văn học - Nghệ thuật tỉnh",
)  # fmt: skip


def figure(numerator, denominator=None, *, unit="%", **where):
    if denominator is not None:
        value, text = Fraction(numerator) * 100 / denominator, percent(numerator, denominator, 1)
    else:
        text = as_money(numerator) if unit == "đồng" else number(numerator, 0)
        value = numerator
    return {
        **where,
        "numerator": numerator,
        "denominator": denominator,
        "value": value,
        "text": text,
        "unit": unit,
        "reporting": 6,
        "expected": 6,
        "missing": (),
        "bound": None,
        "comparable": True,
        "reason": None,
        "lineage": None,
    }


def empty(**where):
    return {**figure(0, **where), "numerator": None, "value": None, "text": "–"}


def frame(indicator, rows, names=None, **attrs):
    made = pd.DataFrame([{"indicator": indicator, **row} for row in rows], dtype=object)
    made.attrs = {"names": names or {}, "illustrative": False, **attrs}
    return made


def members(count):
    return {f"m{n}": NAMES[n % len(NAMES)] for n in range(count)}


def shares(count, years, *, close=True):
    """A share of each member over the years, all values close together."""
    step = 3 if close else 97
    rows = [
        figure(400 + (n * step + y * 11 * (1 + n % 3)) % 380, 1000, year=2014 + y, member=f"m{n}")
        for n in range(count)
        for y in range(years)
    ]
    return frame("non_leader_share", rows, {"member": members(count)})


def crossing(count, years, ties=1):
    """A share of each member whose order changes from year to year; so many members tie."""
    rows = [
        figure(
            500 + 10 * ((n // ties + 1) * (y + 1) % (count // ties + 1)),
            1000,
            year=2014 + y,
            member=f"m{n}",
        )
        for n in range(count)
        for y in range(years)
    ]
    return frame("score_share", rows, {"member": members(count)})


def counts(count, years):
    rows = [
        figure(1000 + n * 137 - y * 41 * (n % 2), unit="lượt", year=2014 + y, member=f"m{n}")
        for n in range(count)
        for y in range(years)
    ]
    return frame("commendations", rows, {"member": members(count)})


def money(count, years, step=0):
    """Amounts in đồng; so many members apart the amounts repeat."""
    rows = [
        figure(
            (1_250 + 37_300 * ((n % step if step else n) + y % 2)) * 1_000_000,
            unit="đồng",
            year=2014 + y,
            member=f"m{n}",
        )
        for n in range(count)
        for y in range(years)
    ]
    return frame("result_value", rows, {"member": members(count)})


def awards(count):
    rows = [
        figure(
            4096 >> n,
            unit="lượt",
            year=year,
            award=f"Bằng khen cấp bộ, ban, ngành, đoàn thể trung ương về thi đua chuyên đề {n}",
        )
        for n in range(count)
        for year in (2022, 2023)
    ]
    return frame("awards_by_award", rows)


def stages(count):
    """Totals by stage, shares of the maximum, and kinds of points of the appraisal."""
    totals, shares, parts = [], [], []
    for n in range(count):
        where, less = {"year": 2023, "member": f"m{n}"}, 5 * (n % 2)
        for stage, more in (("self", 6), ("cross", 4), ("appraised", 0)):
            total = 458 + n * 3 - less + more
            totals.append(figure(total, unit="điểm", stage=stage, **where))
            shares.append(figure(total, 500, stage=stage, **where))
        parts.append(figure(440 + n * 3, unit="điểm", kind="main", **where))
        parts.append(figure(18, unit="điểm", kind="bonus", **where))
        parts += [figure(-less, unit="điểm", kind="deduction", **where)] * (less > 0)
    names = {"member": members(count)}
    made = ("score_total", totals), ("score_share", shares), ("score_total", parts)
    return [frame(name, rows, names) for name, rows in made]


def completeness(count, columns=7):
    rows = [
        empty(year=2023, member=f"m{n}", table=f"t{c}")
        if (n + c) % 6 == 5
        else figure([100, 97, 80, 40][(n * c) % 4], 100, year=2023, member=f"m{n}", table=f"t{c}")
        for n in range(count)
        for c in range(columns)
    ]
    tables = ("Khen thưởng", "Chỉ tiêu", "Kết quả phong trào", "Phong trào thi đua", "Sáng kiến",
              "Xếp hạng", "Tự chấm điểm")  # fmt: skip
    names = {f"t{c}": tables[c] for c in range(columns)}
    return frame("completeness", rows, {"member": members(count), "table": names})


def with_break(made, year, reason="Luật Thi đua, khen thưởng 2022 có hiệu lực"):
    broken = made.copy()
    broken.attrs = made.attrs
    broken.loc[broken["year"] == year, "comparable"] = False
    broken.loc[broken["year"] == year, "reason"] = reason
    return broken
