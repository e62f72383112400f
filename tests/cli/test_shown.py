"""What a person sees on a terminal: findings in the order of the file, colours, width, sums."""

import io
import re
import sys
from pathlib import Path

import pytest

from thidua_analysis.cli import app, show
from thidua_analysis.findings import Finding
from thidua_analysis.form.bloc import load_bloc
from thidua_analysis.messages import LANGUAGES, message
from thidua_analysis.submission import Submission

DATA = Path(__file__).parents[2] / "tests" / "sample" / "data"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(stream, *findings):
    submission = Submission(
        "2023/hnd.xlsx", "0", "TDKT-DV/1", "hnd", 2023, findings=tuple(findings)
    )
    show._print_findings([submission], "vi", load_bloc(DATA), stream)
    return stream.getvalue()


def found(code, severity, sheet=None, cell=None, heading=None):
    return Finding(code, sheet, cell, heading, "x", severity=severity)


@pytest.fixture
def said():
    return (
        found("number-format", "error", "Chỉ tiêu", "G12", "Thực hiện"),
        found("table-missing", "warning"),
        found("award-unknown", "warning", "Khen thưởng", "B10", "Danh hiệu"),
        found("number-scaled", "note", "Khen thưởng", "F2", "Tập thể"),
    )


def test_findings_stand_in_the_order_of_the_file_and_not_of_their_severity(said):
    lines = shown(io.StringIO(), *said).splitlines()
    order = [line.rpartition(" · ")[2] for line in lines if line.startswith("  ") and "·" in line]
    assert [one for one in order if "-" in one] == [
        "table-missing", "number-scaled", "award-unknown", "number-format",
    ]  # fmt: skip


def test_severities_have_colours_on_a_terminal_only(said, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[31m" in shown(Terminal(), *said)
    assert "\x1b" not in shown(io.StringIO(), *said)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in shown(Terminal(), *said)


def test_messages_are_as_wide_as_the_terminal_and_one_line_elsewhere(said, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    narrow = shown(Terminal(), *said).splitlines()
    assert max(len(line) for line in narrow if line.startswith(" " * 6)) <= 60
    piped = shown(io.StringIO(), *said).splitlines()
    assert len(piped) < len(narrow)


def test_a_traced_figure_shows_its_value_and_what_each_file_gives_before_any_cell(capsys):
    cells = [
        {"file": "2023/a.xlsx", "sheet": "S", "cell": "A1", "typed": "1000", "value": 1000,
         "role": "numerator"},
        {"file": "2023/a.xlsx", "sheet": "S", "cell": "A2", "typed": "5", "value": 5,
         "role": "numerator"},
        {"file": "2023/b.xlsx", "sheet": "S", "cell": "A1", "typed": "2", "value": 2,
         "role": "numerator"},
        {"file": None, "sheet": None, "cell": None, "typed": "mức", "value": 3,
         "role": "denominator"},
    ]  # fmt: skip
    show.print_figure("Tỷ lệ nữ: 43,3%", {"figure": "x/year=2023", "cells": cells}, "vi")
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == [
        "Tỷ lệ nữ: 43,3%", "x/year=2023: 4 ô", "  tử số: 1.007", "    2023/a.xlsx\t1.005",
        "    2023/b.xlsx\t2",
    ]  # fmt: skip
    assert len(lines) == 5 + 4


def test_charts_are_named_by_part_and_title_not_by_file_and_kind(capsys):
    chart = {"notebook": "06_chat_luong.ipynb", "section": "Mức độ đầy đủ", "kind": "heatmap",
             "label": "Tỷ lệ ô có số liệu", "figures": ["a"]}  # fmt: skip
    record = {"file": "f", "cell": "c", "figures": [], "charts": [chart]}
    show.print_trace(record, "vi")
    out = capsys.readouterr().out
    assert "Phần 6 · Mức độ đầy đủ\tTỷ lệ ô có số liệu" in out
    assert "heatmap" not in out
    assert "ipynb" not in out


def _helped(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["thidua", *arguments])
    with pytest.raises(SystemExit) as left:
        app.main()
    return left.value.code, "".join(capsys.readouterr())


@pytest.mark.parametrize(
    "arguments", [("--lang", "en", "report", "--help"), ("report", "--lang=en", "--help")]
)
def test_help_is_in_the_language_that_was_asked_for(monkeypatch, capsys, arguments):
    code, told = _helped(monkeypatch, capsys, *arguments)
    assert code == 0
    assert "Read the figures, run the notebooks" in told
    assert "Reporting year." in told
    assert "Năm báo cáo" not in told


def test_the_environment_chooses_the_language_of_help_and_messages(monkeypatch, capsys):
    monkeypatch.setenv("THIDUA_LANG", "en")
    code, told = _helped(monkeypatch, capsys, "--help")
    assert code == 0
    assert "Check files: print every error" in told
    code, told = _helped(monkeypatch, capsys, "--lang", "vi", "--help")
    assert "Kiểm tra tệp: in mọi lỗi" in told


def test_the_language_before_a_command_is_that_of_its_messages(monkeypatch, capsys):
    figure = "women_share/year=2023"
    for lang, words in (("vi", "Tỷ lệ nữ"), ("en", "women")):
        _, told = _helped(monkeypatch, capsys, "--lang", lang, "trace", figure, "--data", str(DATA))
        assert words.lower() in told.lower()


def commands():
    return ([], *([name] for name in app.app.commands))


@pytest.mark.parametrize("command", commands(), ids=lambda one: " ".join(one) or "thidua")
def test_help_is_wholly_in_the_language_that_was_asked_for(monkeypatch, capsys, command):
    """No key of a message is left, no word of the parser, no word of the other language."""
    said = {}
    for lang in LANGUAGES:
        code, said[lang] = _helped(monkeypatch, capsys, *command, "--help", "--lang", lang)
        assert code == 0
        assert not re.search(r"\bhelp-[a-z]|[{}]", said[lang])
    assert not re.search(r"\b(Usage|Options|Commands?|Arguments|Show|Print|default)\b", said["vi"])
    letters = re.sub(r"'[^']*'", "", said["en"])
    assert not re.search(r"[ăâđêôơưạảấầậếềệịọốồộớờợụứừựỳ]", letters)


@pytest.mark.parametrize(
    ("call", "key"),
    [
        ("chek x", "usage-command"),
        ("report --yaer 2023", "usage-option"),
        ("report --year x", "usage-number"),
        ("report --year", "usage-needs-value"),
        ("figures", "usage-missing"),
        ("check", "usage-missing"),
        ("status a b", "usage-extra"),
        ("report --json=3", "usage-no-value"),
        ("export --year 2023 --what bia", "usage-choice"),
        ("add x --on 31/02/2024", "usage-day"),
    ],
)
def test_what_is_wrong_with_a_call_is_said_in_the_words_of_the_catalogue(
    monkeypatch, capsys, call, key
):
    for lang in LANGUAGES:
        code, said = _helped(monkeypatch, capsys, "--lang", lang, *call.split())
        assert code == 2
        assert said.startswith(re.split(r"[“{]", message(key)[lang])[0].strip())
        assert "thidua" in said


def test_a_bar_counts_to_the_number_of_steps_that_there_are(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with show.progress(99, words="Đang làm") as advance:
        for done in range(1, 7):
            advance(done, 6, "05_xu_huong.ipynb")
    assert "6/6" in stream.getvalue()
    assert "6/99" not in stream.getvalue()
