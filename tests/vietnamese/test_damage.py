from __future__ import annotations

import subprocess
import sys

import pytest

from thidua_analysis.vietnamese.text import has_lost, mojibake


def read_as_windows_1252(text: str) -> str:
    """Read UTF-8 bytes as Windows does, with its five gaps as control characters."""
    return "".join(
        bytes([byte]).decode("cp1252", errors="ignore") or chr(byte) for byte in text.encode()
    )


def test_utf8_read_as_windows_1252_is_proposed_right(
    sentences: list[str], place_names: list[str]
) -> None:
    for text in (*sentences, *place_names):
        if not text.isascii():
            assert mojibake(read_as_windows_1252(text)) == text


def test_utf8_read_as_latin_1_is_proposed_right(sentences: list[str]) -> None:
    for text in sentences:
        assert mojibake(text.encode().decode("latin-1")) == text


def test_no_ordinary_text_is_taken_for_mojibake(
    sentences: list[str], place_names: list[str], foreign_sentences: list[str]
) -> None:
    assert [t for t in (*sentences, *place_names, *foreign_sentences) if mojibake(t)] == []


def test_damaged_text_of_another_language_is_not_our_matter() -> None:
    assert mojibake(read_as_windows_1252("señorita Muñoz")) is None


@pytest.mark.parametrize(
    "text",
    ["H\ufffdi Nông dân", "Ti?n lên", "T?nh ?oàn", "Ph??ng 4", "H?i C?u chi?n binh", "m?c l?c"],
)
def test_letters_that_are_gone_are_noticed(text: str) -> None:
    assert has_lost(text)


@pytest.mark.parametrize(
    "text",
    [
        "Đạt hay không?",
        "có?không",
        "đúng?sai",
        "http://abc.vn/?ten=a",
        "www.abc.vn/t?n",
        "What?ever",
        "??",
        "b?c",
        "Ai? Khi nào?",
        "C?M?S",
        "",
    ],
)
def test_a_question_is_no_loss(text: str) -> None:
    assert not has_lost(text)


def test_no_ordinary_text_has_lost_letters(
    sentences: list[str], place_names: list[str], foreign_sentences: list[str]
) -> None:
    assert [t for t in (*sentences, *place_names, *foreign_sentences) if has_lost(t)] == []


def test_the_package_loads_no_heavy_library() -> None:
    program = (
        "import sys; from thidua_analysis.vietnamese import cell_text, numbers, quantities;"
        "print(sorted({'babel', 'ftfy', 'pandas', 'openpyxl'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
