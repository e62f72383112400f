"""What happens where no browser can print: pages all the same, plain words, no old print."""

import shutil
import sys
from pathlib import Path

import pytest

from thidua_analysis.cli.app import main
from thidua_analysis.publish import report as printing

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A machine without a browser."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(printing, "_PLACES", ())
    return folder


def broken(folder):
    """Put a browser there that stops at once."""
    program = folder / "chromium"
    program.write_text("#!/bin/sh\nexit 7\n")
    program.chmod(0o755)
    return program


def test_without_a_browser_nothing_is_printed(bare, tmp_path):
    assert printing.browser() is None
    assert not printing.write_pdf(tmp_path / "x.html", tmp_path / "x.pdf")
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.parametrize("found", [False, True], ids=["no browser", "broken browser"])
def test_an_old_print_does_not_stay_beside_a_new_page(bare, tmp_path, found):
    if found:
        broken(bare)
    (tmp_path / "x.pdf").write_bytes(b"figures of last week")
    assert not printing.write_pdf(tmp_path / "x.html", tmp_path / "x.pdf")
    assert not list(tmp_path.glob("*x.pdf*"))


def test_a_print_that_was_changed_by_hand_is_printed_again(bare, tmp_path):
    program = bare / "chromium"
    told = "for one; do case $one in --print-to-pdf=*) echo ok > ${one#*=};; esac; done"
    program.write_text(f"#!/bin/sh\n{told}\n")
    program.chmod(0o755)
    pdf = printing._print(tmp_path, "<p>page</p>")
    assert pdf.read_text() == "ok\n"
    before = pdf.stat().st_mtime_ns
    printing._print(tmp_path, "<p>page</p>")
    assert pdf.stat().st_mtime_ns == before
    pdf.write_text("half of it")
    printing._print(tmp_path, "<p>page</p>")
    assert pdf.read_text() == "ok\n"


def test_edge_is_found_where_windows_puts_it(tmp_path, monkeypatch):
    program = tmp_path / "Microsoft" / "Edge" / "Application" / "msedge.exe"
    program.parent.mkdir(parents=True)
    program.touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PROGRAMFILES(X86)", str(tmp_path))
    assert printing.browser() == str(program)


@pytest.fixture
def report(built, tmp_path, monkeypatch):
    """Run `thidua report` on the samples with one notebook; returns its exit code."""

    def run(lang):
        shutil.copytree(built, tmp_path / "data")
        (tmp_path / "notebooks").mkdir()
        shutil.copy(ROOT / "notebooks" / "06_chat_luong_so_lieu.ipynb", tmp_path / "notebooks")
        folders = ["--data", str(tmp_path / "data"), "--out", str(tmp_path / "reports")]
        monkeypatch.setattr(
            sys, "argv", ["thidua", "report", "--year", "2023", "--lang", lang, *folders]
        )
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0

    return run


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "found", "said"),
    [
        ("vi", False, "máy không có Chromium, Chrome hoặc Edge. Hãy mở {page} trong trình duyệt"),
        ("en", False, "there is no Chromium, Chrome or Edge on this machine. Please open {page}"),
        ("vi", True, "trình duyệt {browser} không in được. Hãy mở {page} trong trình duyệt"),
        ("en", True, "the browser {browser} could not print. Please open {page} in a browser"),
    ],
    ids=["vi, none", "en, none", "vi, broken", "en, broken"],
)
def test_a_report_without_a_print_says_what_to_do(
    report, bare, tmp_path, capsys, lang, found, said
):
    program = broken(bare) if found else None
    assert report(lang) == 0
    home = tmp_path / "reports" if lang == "vi" else tmp_path / "reports" / lang
    page = home / "2023" / "bao-cao-day-du.html"
    assert page.is_file()
    assert said.format(page=page, browser=program) in capsys.readouterr().out
