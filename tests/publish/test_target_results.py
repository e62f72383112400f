"""Targets and results as pages show them."""

import re

from thidua_analysis import indicators, publish


def cells(html):
    """Rows of a table as texts."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.S)
    return [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in rows
    ]


def test_every_row_of_targets_has_unit_plan_actual_percent_and_days(samples):
    html = publish.targets(samples, 2023).html
    rows = cells(html)
    assert rows[0] == [
        *("Chỉ tiêu", "Đơn vị tính", "Kế hoạch", "Thực hiện", "%", "Sớm/chậm", "Mức độ")
    ]
    row = next(r for r in rows if r[0].startswith("Sáng kiến tham gia"))
    assert row[1:] == ["sáng kiến", "2.306", "3.666", "159,0%", "sớm 265 ngày", "✓ vượt"]


def test_where_less_is_better_is_said_without_a_percentage(samples):
    html = publish.targets(samples, 2023).html
    first, second = html.split("Chỉ tiêu khống chế năm 2023", 1)
    assert "Tai nạn lao động chết người" not in first
    assert ["Tai nạn lao động chết người", "LĐLĐ", "✓ 2/3 vụ – đạt"] in cells(second)
    assert ["Vụ bạo lực gia đình", "Hội LHPN", "✗ 47/40 vụ – không đạt"] in cells(second)
    assert "%</a>" not in re.sub(r"\d+(,\d+)?/\d+ ?%</a>", "", second)


def test_unmet_targets_come_first_in_every_member(samples):
    html = publish.targets(samples, 2023).html.split("Chỉ tiêu khống chế")[0]
    for group in html.split("<tbody>")[1:]:
        marks = re.findall(r"[✓✗]", group)
        assert marks == sorted(marks, key="✗✓".index)


def test_bars_have_one_scale_and_unmet_ones_go_left(samples):
    html = publish.targets(samples, 2023).html
    places = "".join(rf"--{name}:([\d.]+)%;?" for name in ("zero", "from", "part"))
    bars = re.findall(rf'class="bar( short)?" style="{places}".*?>([\d,]+)%<', html)
    assert len({zero for _, zero, *_ in bars}) == 1
    for short, zero, start, part, value in bars:
        reached, ends = float(value.replace(",", ".")), float(start) + float(part)
        assert bool(short) == (reached < 100)
        assert abs((ends if short else float(start)) - float(zero)) < 0.15
    lengths = {float(v.replace(",", ".")) - 100: float(p) for _, _, _, p, v in bars}
    longest = max(lengths)
    for over, part in lengths.items():
        assert abs(abs(over) / longest * lengths[longest] - part) < 0.3


def test_members_are_headed_by_how_many_targets_they_met(samples):
    plain = re.sub(r"<[^>]+>", "", publish.targets(samples, 2023).html)
    for row in indicators.targets_met(samples, year=2023).itertuples():
        assert f"{samples.bloc.member(row.member).short}đạt và vượt {row.text} chỉ tiêu" in plain


def test_nothing_is_said_of_no_targets(samples):
    assert "Chưa có số liệu" in repr(publish.targets(samples.filter(member=[]), 2023))


def test_gifts_and_loans_stand_apart_in_one_unit_with_their_sums(samples):
    rows = cells(publish.results(samples, 2023).html)
    assert rows[0][3:] == [
        "Giá trị quà tặng, hỗ trợ (tỷ đồng)",
        "Vốn vay, quỹ quay vòng (tỷ đồng)",
    ]
    by_name = {row[0]: row[1:] for row in rows[1:]}
    assert by_name["Hộ được vay vốn"][2:] == ["–", "17,5"]
    assert by_name["Suất quà tặng hộ khó khăn"][2:] == ["50,8", "–"]
    assert rows[-1] == ["Tổng giá trị", "", "", "105,7", "104,7"]
    assert by_name["Đất được hiến"][1] == "m²"
