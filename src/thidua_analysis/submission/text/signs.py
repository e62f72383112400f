"""What the words of a row say about it: a total, a section, a remark, a signature."""

from __future__ import annotations

import re
from functools import lru_cache

from thidua_analysis.submission.text.usual import UNUSUAL
from thidua_analysis.vietnamese.text import key

_LONGEST_LABEL = 80

_PARTS = r"(?:[ivxlc]+|[a-zđ]|\d+)(?:\s*[+,]\s*(?:[ivxlc]+|[a-zđ]|\d+))*"
_TOTAL = re.compile(
    r"(?:tổng cộng|tổng số điểm|tổng điểm|tổng số|tổng chung|tổng|cộng chung|cộng dồn|cộng điểm|"
    r"cộng toàn tỉnh|cộng toàn khối|cộng)(?:\s*\([^)]*\)?)?\s*:?"
    rf"|(?:tổng cộng|tổng số|tổng|cộng)\s*(?:mục|phần|nhóm|cấp)?\s*\(?{_PARTS}\)?"
    r"|(?:tổng cộng|tổng số|tổng|cộng)\s+(?:mục|phần|nhóm|cấp)\s.{1,60}"
)
#: labels of a total only where the row names nothing else: a rank may be among "Toàn tỉnh"
_WEAK_TOTAL = frozenset({"toàn tỉnh", "toàn khối", "toàn ngành"})
_SIGNATURE = re.compile(
    "|".join(
        (
            r"người (?:lập|tổng hợp|báo cáo)\b.{0,30}",
            r"(?:thủ trưởng|lãnh đạo)(?: đơn vị| cơ quan)?",
            r"(?:xác nhận|phê duyệt)\b(?: của\b)?.{0,60}",
            r"kế toán(?: trưởng)?|(?:cán bộ|chuyên viên) tổng hợp",
            r"(?:tm|kt|tl|tuq|q)\. ?\D{2,80}|(?:t/m|k/t|t/l)\b.{0,80}",
            r"\(?ký,? (?:ghi rõ )?(?:họ|tên)\b.{0,60}|\(?đã ký\)?",
            r"nơi nhận\b.{0,80}",
            r"(?:ban thường vụ|ban chấp hành|đại diện đơn vị)\b.{0,40}",
            r"(?:phó )?(?:chủ tịch|bí thư|trưởng ban|giám đốc)",
            r"\D{0,40},?\s*ngày\s+[\d.…]+\s*tháng\s+[\d.…]+\s*năm\s+[\d.…]+",
        )
    )
)
_REMARK = re.compile(r"(?:\(?\*+\)?|(?:ghi chú|lưu ý|chú thích|chú ý|nguồn)\s*:).*", re.DOTALL)
_NOTHING = re.compile(
    r"(?:năm \d{4} )?(?:không|chưa) (?:có )?"
    r"(?:phát sinh|số liệu|khen thưởng|trường hợp nào)\b.{0,40}|không có|không"
)
#: how each of these begins, also behind a number, so that most texts are passed over at once
_OPENINGS = (
    *("tổng", "cộng", "toàn", "ngườ", "thủ ", "lãnh", "xác ", "phê ", "kế t", "cán ", "chuyên"),
    *("tm.", "kt.", "tl.", "tuq.", "q.", "t/m", "k/t", "t/l", "(ký", "ký", "đã k", "(đã", "nơi "),
    *("ban ", "đại ", "phó ", "chủ ", "bí t", "trưở", "giám", "ngày"),
    *("*", "(*", "ghi ", "lưu ", "chú ", "nguồ", "khôn", "chưa", "năm "),
)  # fmt: skip
_NUMBERING = re.compile(
    r"^\(?(?:([ivx]+)|([a-zđ])|(\d+(?:\.\d+)*))\)?\s*(?:[.:)\-–/]\s*|(?<=[.)])\s*)", re.IGNORECASE
)
_ORDINAL = re.compile(r"\(?(?:([ivx]+)|([a-zđ])|(\d+(?:\.\d+)*))\)?[.)]?", re.IGNORECASE)
_COLUMN_NUMBER = re.compile(r"\(?\s*([a-zđ]|\d{1,2})\s*\)?(?:\s*=.*)?", re.IGNORECASE)

_SECTION_NUMBER = re.compile(r"\(?(?:[IVX]+|[A-ZĐ])\)?[.)]?")
_OPENING = re.compile(
    r"\s*(?:(?:\(?(?:[ivx]+|[a-zđ]|\d[\d.]*)\)?\s*[.:)\-–/]?\s*)?"
    rf"(?:{'|'.join(map(re.escape, _OPENINGS))})"
    r"|\(?(?:[ivx]+|[a-zđ])\)?(?:[.:)\-–/]|\s*$))"
)

#: rank of a section that bears no number: below every numbered one
UNNUMBERED = 9


def may_say(folded: str) -> bool:
    """Whether a text in small letters begins like one that says what its row is."""
    return _OPENING.match(folded) is not None or ", ng" in folded


@lru_cache(maxsize=1 << 14)
def says_something(raw: str) -> bool:
    """Whether a text may say what its row is; ordinary names and labels do not.

    It is True for every text that one of the functions here knows, in any spelling, and for the
    numbers of sections.
    """
    if not may_say(raw.casefold()) and not UNUSUAL.search(raw):
        return False
    tests = (is_total, is_weak_total, is_signature, is_remark, says_nothing, is_section_number)
    return section_rank(raw) <= 1 or any(test(raw) for test in tests)


@lru_cache(maxsize=1 << 12)
def is_total(text: str) -> bool:
    """Whether a text labels a row of totals ("Tổng cộng", "Cộng mục I", "Tổng điểm")."""
    bare = key(_NUMBERING.sub("", text))
    return len(bare) <= _LONGEST_LABEL and _TOTAL.fullmatch(bare) is not None


def is_weak_total(text: str) -> bool:
    """Whether a text labels a total unless the row says more ("Toàn tỉnh")."""
    return key(_NUMBERING.sub("", text)) in _WEAK_TOTAL


@lru_cache(maxsize=1 << 12)
def is_signature(text: str) -> bool:
    """Whether a text belongs to the block of signatures under a table."""
    return len(text) < 200 and _SIGNATURE.fullmatch(key(text)) is not None


@lru_cache(maxsize=1 << 12)
def is_remark(text: str) -> bool:
    """Whether a text is a remark under the table ("Ghi chú: …", "(*) …")."""
    return _REMARK.fullmatch(text.strip().casefold()) is not None


@lru_cache(maxsize=1 << 12)
def says_nothing(text: str) -> bool:
    """Whether a text says that there is nothing to report ("Không phát sinh")."""
    return len(text) < 200 and _NOTHING.fullmatch(key(text)) is not None


def is_ordinal(text: str) -> bool:
    """Whether a text only numbers its row: "1", "I", "a)", "1.2."."""
    return len(text) < 12 and _ORDINAL.fullmatch(text.strip()) is not None


def is_section_number(text: str) -> bool:
    """Whether a text is the number of a section alone: "I", "II.", "A"."""
    return len(text) < 8 and _SECTION_NUMBER.fullmatch(text.strip()) is not None


def column_number(text: str) -> str | None:
    """Number or letter of a column, as in the row "A B C 1 2 3" or "(1) (2)"."""
    found = _COLUMN_NUMBER.fullmatch(text.strip())
    return found[1] if found else None


def section_text(text: str) -> str:
    """Text of a section row without its numbering: "I. CẤP TỈNH" → "CẤP TỈNH"."""
    return _NUMBERING.sub("", text).strip()


def section_rank(text: str, ordinal: str = "") -> int:
    """How high a section stands by its numbering: A, then I, then 1, then a.

    Parameters
    ----------
    text
        Text of the section row.
    ordinal
        What stands in the column of ordinals beside it.
    """
    found = _ORDINAL.fullmatch(ordinal.strip()) if ordinal.strip() else _NUMBERING.match(text)
    if not found:
        return UNNUMBERED
    roman, letter, digits = found.groups()
    if roman and roman.isupper():
        return 1
    if letter or roman:
        return 0 if (letter or roman).isupper() else 8
    return 2 + min(str(digits).count("."), 5)
