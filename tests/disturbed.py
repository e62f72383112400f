"""Small blocs that are disturbed in one way each: what a real year looks like on a bad day."""

import datetime as dt
import random
from copy import deepcopy
from dataclasses import dataclass, field, replace
from decimal import Decimal

from msgspec import structs
from msgspec.structs import replace as altered
from small import bloc_form, people, unit

from thidua_analysis.dataset import Dataset
from thidua_analysis.findings import Finding
from thidua_analysis.form.bloc import Bloc, Member, Quota, Scoring

GIFTS, VISITS = "Suất quà tặng hộ khó khăn", "Lượt người được thăm khám"
FLAG = "Cờ thi đua của UBND tỉnh"
NAMES = {
    "an": "Hội An",
    "binh": "Hội Bình",
    "chau": "Hội Châu",
    "dong": "Hội Đông",
    "em": "Hội Em",
    "giang": "Hội Giang",
}
CRITERIA = [
    {"code": "A", "criterion": "Nhiệm vụ chính trị", "max_score": 600, "kind": "main"},
    {"code": "B", "criterion": "Phong trào thi đua", "max_score": 400, "kind": "main"},
    {"code": "T", "criterion": "Sáng tạo", "max_score": 30, "kind": "bonus"},
    {"code": "D", "criterion": "Nộp báo cáo chậm", "max_score": 20, "kind": "deduction"},
]


@dataclass
class Small:
    """A bloc with what its members and its head sent, to be disturbed before it is read."""

    bloc: dict = field(default_factory=dict)
    units: dict = field(default_factory=dict)
    forms: dict = field(default_factory=dict)
    refused: list = field(default_factory=list)

    def submissions(self):
        made = {at: unit(at[1], at[0], **sent) for at, sent in self.units.items()}
        for at, table, row, name in self.refused:
            made[at] = _refused(made[at], table, row, name)
        return [*made.values(), *(bloc_form(year, **sent) for year, sent in self.forms.items())]

    def dataset(self):
        return Dataset.of(self.submissions(), Bloc(**self.bloc))


def _refused(sent, table, row, name):
    """The same with the value of a cell refused for an error."""
    old = sent.rows[table][row]
    error = Finding("number-format", sheet=old.sheet, cell=old.cells[name], value="mười")
    cells = {k: v for k, v in old.cells.items() if k != name}
    new = altered(old, values={**old.values, name: None}, cells=cells)
    rows = (*sent.rows[table][:row], new, *sent.rows[table][row + 1 :])
    return replace(sent, rows={**sent.rows, table: rows}, findings=(*sent.findings, error))


def whole(years=(2021, 2022, 2023), members=("an", "binh", "chau", "dong"), seed=1, most=40):
    """An undisturbed bloc; small numbers make ties."""
    draw = random.Random(seed)
    small = Small(
        {
            "id": "nho",
            "name": "Khối thi đua nhỏ",
            "province": "Lai Châu",
            "members": tuple(
                Member(id=m, name=f"{NAMES[m]} tỉnh", short=NAMES[m]) for m in members
            ),
            "quotas": (Quota(honour=FLAG, places=1),),
            "scoring": (Scoring(),),
        }
    )
    for year in years:
        for member in members:
            small.units[year, member] = _report(draw, year, most)
        small.forms[year] = _form(draw, year, members, most)
    return small


def _report(draw, year, most):
    def count():
        return draw.randint(1, most)

    return {
        "commendations": [
            people("state", classes=(0, count(), 0, 1), direct=count(), women=1),
            people("province", classes=(0, 1, 1, count()), direct=count(), women=count()),
            {"level": "province", "award": "Cờ thi đua của UBND tỉnh", "method": "thematic",
             "status": "awarded", "collectives": count(), "enterprises": 1},
        ],
        "targets": [
            _target("Kết nạp hội viên", 20, draw.choice([18, 20, 25]), year),
            _target("Xóa nhà tạm", 10, draw.choice([8, 10, 30]), year),
            _target("Vụ khiếu kiện", 4, draw.choice([2, 4, 5]), year, direction="lower"),
        ],
        "results": [
            _result(GIFTS, "suất", count() * 100, count() * 1_000_000),
            _result(VISITS, "lượt", count() * 10, None),
        ],
        "movements": [{"name": "Thi đua yêu nước", "launched_by": "central", "scope": "national",
                       "duration_months": 12, "method": "regular",
                       "launched_on": dt.date(year, 1, 5)}],
        "initiatives": [{"level": "unit", "submitted": count() + most, "recognized": count()}],
        "ranks": [{"cluster": "Cụm ngành", "rank": draw.randint(1, 7), "size": 7}],
        "scores": [{"criterion": c["code"], "max_score": c["max_score"], "stage": "self",
                    "score": _points(draw, c)} for c in CRITERIA],
    }  # fmt: skip


def _target(name, planned, actual, year, **more):
    return {
        "target_name": name, "unit": "việc", "direction": "higher", "planned": planned,
        "actual": actual, "deadline": dt.date(year, 12, 1), "reached_on": dt.date(year, 11, 1),
        **more,
    }  # fmt: skip


def _result(measure, measured_in, quantity, value, **more):
    return {
        "movement": "Vì người nghèo", "measure": measure, "unit": measured_in,
        "quantity": quantity, "value_vnd": value, **more,
    }  # fmt: skip


def _points(draw, criterion):
    steps = {"main": criterion["max_score"] * 3 // 4, "bonus": 0, "deduction": 0}
    return Decimal(steps[criterion["kind"]] + draw.choice([0, 5, 10]))


def _form(draw, year, members, most):
    scores = [
        {"member": m, "criterion": c["code"], "stage": stage, "score": _points(draw, c)}
        for m in members
        for c in CRITERIA
        for stage in ("cross", "appraised")
    ]
    honours = [{"member": members[0], "honour": FLAG, "voted_rank": 1, "authority": "UBND tỉnh"}]
    votes = [{"member": members[0], "honour": FLAG, "votes_for": 3, "votes_cast": 4}]
    roles = [
        {"year": year, "member": members[0], "role": "head"},
        {"year": year, "member": members[-1], "role": "deputy"},
    ]
    given = {"honours": honours, "votes": votes, "roles": roles}
    return {"criteria": CRITERIA, "scores": scores, **given}


def _rows(small, year, member, table, change):
    for row in small.units[year, member][table]:
        change(row)


def _score(small, year, member, code, points, stage="appraised"):
    for row in small.forms[year]["scores"]:
        if (row["member"], row["criterion"], row["stage"]) == (member, code, stage):
            row["score"] = points


def missing_member(small):
    del small.units[2023, "dong"]


def missing_stage(small):
    """The appraised points of one member are not there, those of the other stages are."""
    form = small.forms[2023]
    form["scores"] = [
        r for r in form["scores"] if (r["member"], r["stage"]) != ("chau", "appraised")
    ]


def half_scored(small):
    form = small.forms[2023]
    form["scores"] = [r for r in form["scores"] if r["member"] in ("an", "binh")]


def ties(small):
    """All members report the same, in all years, but for one that rises with another."""
    for year in (2021, 2022, 2023):
        for member in ("binh", "chau", "dong"):
            small.units[year, member] = deepcopy(small.units[year, "an"])
        for row in small.forms[year]["scores"]:
            row["score"] = next(
                r["score"]
                for r in small.forms[year]["scores"]
                if (r["member"], r["criterion"], r["stage"])
                == ("an", row["criterion"], row["stage"])
            )
    for member in ("an", "binh"):
        small.units[2023, member]["commendations"][2]["collectives"] += 5


def zero_plans(small):
    """Plans of 0, plans and actual values that are not there, and one that cannot be a share."""
    for member in ("an", "binh"):
        small.units[2023, member]["targets"] += [
            _target("Vụ vi phạm", 0, 2, 2023, direction="lower"),
            _target("Vụ cháy", 0, 0, 2023, direction="lower"),
            _target("Mô hình mới", 0, 3, 2023),
            _target("Đơn tồn đọng", 3, 0, 2023, direction="lower"),
        ]
    small.units[2023, "chau"]["targets"][0]["actual"] = None
    small.units[2023, "dong"]["targets"][1]["planned"] = None


def caps(small):
    """The bonus is capped, and four members that differ only beyond the cap are equal."""
    small.bloc["scoring"] = (Scoring(bonus_cap=Decimal(3)),)
    for at, member in enumerate(("an", "binh", "chau", "dong")):
        for code, points in (("A", 520), ("B", 400), ("T", 3 + 5 * at), ("D", 0)):
            _score(small, 2023, member, code, Decimal(points))


def mixed_units(small):
    """Members count the same thing in other units, and commendations as people or turns."""
    small.units[2023, "an"]["results"][0]["unit"] = "hộ"
    small.units[2023, "chau"]["results"][0]["unit"] = "lượt"
    small.units[2023, "binh"]["counted_as"] = "people"


def mixed_within(small):
    """One member counts the same thing in two units."""
    small.units[2023, "an"]["results"].append(_result(GIFTS, "lượt", 900, None))


def bounds(small):
    small.units[2023, "an"]["results"][0] |= {
        "quantity": 34937, "quantity_bound": "gt", "value_vnd": 48 * 10**9, "value_vnd_bound": "gt",
    }  # fmt: skip
    small.units[2022, "binh"]["commendations"][2]["collectives_bound"] = "lt"
    small.units[2023, "chau"]["initiatives"][0] |= {"recognized_bound": "approx"}


def cluster(small):
    small.bloc |= {"name": "Cụm thi đua số 3", "kind": "Cụm thi đua"}


def gap_year(small):
    for member in NAMES:
        small.units.pop((2022, member), None)
    del small.forms[2022]


def late_member(small):
    """A member joins in the last year."""
    small.bloc["members"] = tuple(
        structs.replace(m, first_year=2023) if m.id == "dong" else m for m in small.bloc["members"]
    )
    for year in (2021, 2022):
        del small.units[year, "dong"]


def refused_counts(small):
    """All counts of a member are refused; its rows are there."""
    for row, names in enumerate(
        (
            ("individuals", "direct", "leader_department", "leader_other"),
            ("individuals", "direct", "leader_other"),
            ("collectives",),
        )
    ):
        small.refused += [((2023, "an"), "commendations", row, name) for name in names]
    small.refused.append(((2023, "binh"), "initiatives", 0, "recognized"))
    small.refused.append(((2023, "chau"), "results", 0, "value_vnd"))
    small.refused.append(((2023, "chau"), "commendations", 2, "collectives"))


def no_actual(small):
    for member in ("an", "binh", "chau", "dong"):
        _rows(small, 2023, member, "targets", lambda row: row.update(actual=None))


def large_quota(small):
    small.bloc["quotas"] = (Quota(honour=FLAG, places=6),)


def no_table(small):
    """A whole year without one table."""
    for (year, _), sent in small.units.items():
        if year == 2023:
            del sent["results"], sent["initiatives"]


def no_year_before(small):
    for year, member in list(small.units):
        if year < 2023:
            del small.units[year, member]
    del small.forms[2021], small.forms[2022]


def reasons_wanting(small):
    """Everything is appraised otherwise than self-scored, without a reason."""
    for row in small.forms[2023]["scores"]:
        if row["stage"] == "appraised":
            row["score"] -= 1


def alone(small):
    """One member only."""
    small.bloc["members"] = small.bloc["members"][:1]
    for year, member in list(small.units):
        if member != "an":
            del small.units[year, member]
    for form in small.forms.values():
        for table in ("scores", "roles"):
            form[table] = [row for row in form[table] if row["member"] == "an"]


DISTURBANCES = {
    made.__name__.replace("_", " "): made
    for made in (
        missing_member, missing_stage, half_scored, ties, zero_plans, caps, mixed_units,
        mixed_within, bounds, cluster, gap_year, late_member, refused_counts, no_actual,
        large_quota, no_table, no_year_before, reasons_wanting, alone,
    )
}  # fmt: skip


def disturbed(*names, **of):
    """A bloc disturbed in these ways."""
    small = whole(**of)
    for name in names:
        DISTURBANCES[name](small)
    return small
