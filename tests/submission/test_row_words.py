"""The words by which a row is a total, a section, a remark or a signature."""

import unicodedata

import pytest

from thidua_analysis.submission import rows as row_words
from thidua_analysis.submission import texts
from thidua_analysis.submission.rows import _wordings

TOTALS = (
    *("Tổng cộng", "TỔNG SỐ:", "Cộng", "Cộng mục I", "Tổng (I+II+III)", "Cộng cấp tỉnh"),
    *("TỔNG TOÀN TỈNH", "Cộng năm 2023", "Cộng khen thưởng cấp cơ sở", "Tổng cộng toàn Hội"),
    *("I. Tổng số", "Tổng cộng (A + B)", "Tổng điểm", "Cộng I", "Tổng cộng:"),
)  # fmt: skip
SIGNATURES = (
    *("NGƯỜI LẬP BIỂU", "(Ký, họ tên, đóng dấu)", "TM. BAN THƯỜNG VỤ", "KT. CHỦ TỊCH", "Nơi nhận:"),
    *("Lai Châu, ngày 15 tháng 12 năm 2023", "…, ngày … tháng … năm 2023", "Thủ trưởng đơn vị"),
    *("XÁC NHẬN CỦA LÃNH ĐẠO", "T/M BAN CHẤP HÀNH", "(Đã ký)", "T.M BAN THƯỜNG VỤ"),
)  # fmt: skip
SIGNATORIES = (
    "CHỦ TỊCH",
    "Phó Chủ tịch Hội",
    "CHÁNH VĂN PHÒNG",
    "THƯỜNG TRỰC HỘI",
    "Cán bộ phụ trách",
)
REMARKS = ("Ghi chú: tạm tính", "(*) Chưa đầy đủ", "* Số liệu của huyện", "Nguồn: các huyện",
           "- Số liệu trên chưa đủ", "(1) Theo Quyết định số 12/QĐ-UBND")  # fmt: skip
NOTHING = ("Không phát sinh", "Năm 2023 không phát sinh", "không", "Không có số liệu trong năm")
TELLING = (*TOTALS, *SIGNATURES, *REMARKS, *NOTHING, "I", "A.", "II. CẤP TỈNH")
ORDINARY = (
    *("Cấp tỉnh", "Tổng số đoàn viên mới", "Tổng giá trị làm lợi", "Cộng tác viên dư luận xã hội"),
    *("Người lao động được hỗ trợ", "Không ngừng thi đua", "Ngày công đóng góp"),
    *("KT-XH phát triển", "Toàn dân đoàn kết", "Xác nhận hộ nghèo 12", "Ghi chú", "Bí mật"),
)  # fmt: skip


@pytest.mark.parametrize("text", TOTALS)
def test_labels_of_totals_are_known(text):
    assert row_words.is_total(text)


@pytest.mark.parametrize("text", SIGNATURES)
def test_texts_of_the_signature_block_are_known(text):
    assert row_words.is_signature(text)


@pytest.mark.parametrize("text", SIGNATORIES)
def test_people_in_lists_are_called_like_those_who_sign(text):
    assert row_words.is_signatory(text)
    assert not row_words.is_signature(text)


@pytest.mark.parametrize("text", REMARKS)
def test_remarks_are_known_by_how_they_begin(text):
    assert row_words.is_remark(text)


@pytest.mark.parametrize("text", NOTHING)
def test_there_may_be_nothing_to_report(text):
    assert row_words.says_nothing(text)


@pytest.mark.parametrize("text", ORDINARY)
def test_names_of_targets_and_results_say_nothing_about_their_row(text):
    tests = (
        row_words.is_total,
        row_words.is_weak_total,
        row_words.is_remark,
        row_words.says_nothing,
    )
    assert not any(test(text) for test in tests)


TESTS = {
    "total": row_words.is_total,
    "weak_total": row_words.is_weak_total,
    "signature": row_words.is_signature,
    "remark": row_words.is_remark,
    "nothing": row_words.says_nothing,
    "table_title": row_words.is_table_title,
}


@pytest.mark.parametrize("text", TELLING)
def test_a_text_is_known_however_it_is_composed(text):
    for spelt in (text, text.upper(), text.lower(), f"  {text} "):
        loose = unicodedata.normalize("NFD", spelt)
        assert [test(loose) for test in TESTS.values()] == [test(spelt) for test in TESTS.values()]


def test_a_long_run_of_spaces_is_passed_over_at_once():
    assert not any(test("h" + " " * 30_000 + "ộ") for test in TESTS.values())


@pytest.mark.parametrize("kind", TESTS)
def test_every_wording_of_the_list_is_known(kind):
    for wording in getattr(_wordings(), kind):
        text = wording.replace("…", "Lai Châu").replace("#", "12")
        assert TESTS[kind](text), text


@pytest.mark.parametrize(
    ("text", "ordinal", "rank"),
    [("CẤP TỈNH", "A", 0), ("CẤP TỈNH", "II", 1), ("II. CẤP TỈNH", "", 1), ("CẤP TỈNH", "1", 2),
     ("CẤP TỈNH", "1.2", 3), ("a) Tập thể", "", 8), ("CẤP TỈNH", "", row_words.UNNUMBERED)],
)  # fmt: skip
def test_sections_stand_above_each_other_by_their_numbers(text, ordinal, rank):
    assert row_words.section_rank(text, ordinal) == rank


def test_a_sieve_finds_the_same_again_and_keeps_few_texts_none_of_them_long():
    asked = []
    find = texts.Sieve(lambda text: asked.append(text) or text.startswith("Tổng"))
    sheet = {"Tổng cộng", "Hội Nông dân", "x" * 5000}
    assert find(sheet) == find(sheet) == {"Tổng cộng"}
    assert sorted(asked) == sorted([*sheet, "Tổng cộng", "x" * 5000])
    find({str(number) for number in range(200_000)})
    assert len(find._others) <= texts._MOST_SIFTED
    find.cache_clear()
    asked.clear()
    assert find(sheet) == {"Tổng cộng"}
    assert set(asked) == sheet
