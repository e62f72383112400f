"""What is typed about people in a list of recipients never leaves the reader."""

import io
import json
import logging
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from thidua_analysis.form.forms import current
from thidua_analysis.submission import read_bytes
from thidua_analysis.submission import rows as output

ROOT = Path(__file__).parents[2]
LIST = current("unit").table("recipients")
PERSONAL = [f.name for f in LIST.fields if f.type == "personal"]
#: what may be typed by mistake where a code or a date belongs
MISTAKEN = ("gender", "ethnicity", "class", "level", "method", "subject", "decided_on")


def secret(row, name):
    return f"Bí mật {name} thứ {row}"


@pytest.fixture(params=["as asked", "with errors", "headings moved"])
def secrets(request):
    """A list of recipients with a text of its own in every personal cell, and all these texts."""
    book = openpyxl.Workbook()
    info = book.active
    info.title = "Thông tin"
    for line in (("Mã biểu", "TDKT-DV/1"), ("Đơn vị báo cáo", "Tỉnh đoàn"), ("Năm báo cáo", 2023)):
        info.append(line)
    sheet = book.create_sheet(LIST.sheet)
    names = [f.name for f in LIST.fields]
    heads = {f.name: f.heading for f in LIST.fields}
    if request.param == "headings moved":
        heads |= {"name": "Người được khen", "position": "Thông tin khác"}
    sheet.append([heads[name] for name in names] + ["Quê quán"])
    planted = []
    for row in range(2, 9):
        said = {"subject": "cá nhân", "level": "Cấp tỉnh", "award": "Giấy khen", "gender": "Nữ"}
        hidden = PERSONAL + (list(MISTAKEN) if request.param == "with errors" and row > 4 else [])
        said |= {name: secret(row, name) for name in hidden}
        sheet.append([said.get(name) for name in names] + [secret(row, "quê quán")])
        planted += [*(secret(row, name) for name in hidden), secret(row, "quê quán")]
    sheet.append([secret(9, "đứng một mình")])
    planted.append(secret(9, "đứng một mình"))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue(), planted


def leaks(text, planted):
    spelt = (*planted, "Bí mật", "bí mật", "BÍ MẬT", "B\\u00ed")
    return [word for word in spelt if word in text]


def test_no_row_finding_or_message_repeats_it(secrets, bloc, caplog):
    content, planted = secrets
    with caplog.at_level(logging.DEBUG):
        read = read_bytes(content, Path("2023/danh-sach.xlsx"), bloc)
    said = [json.dumps(output.file_record(read, lang), ensure_ascii=False) for lang in ("vi", "en")]
    rows = repr({t: list(r) for t, r in read.rows.items()}) + repr(read)
    assert read.rows["commendations"]
    assert not leaks(" ".join([*said, rows, caplog.text]), planted)


@pytest.mark.parametrize("command", ["check", "rows"])
@pytest.mark.parametrize("options", [[], ["--json"], ["--lang", "en"]], ids=str)
def test_no_command_prints_it(secrets, tmp_path, command, options):
    content, planted = secrets
    file = tmp_path / "danh-sach.xlsx"
    file.write_bytes(content)
    ask = [sys.executable, "-m", "thidua_analysis.cli.app", command, str(file), *options]
    data = ["--data", str(ROOT / "tests" / "sample" / "data")]
    done = subprocess.run([*ask, *data], capture_output=True, text=True, encoding="utf-8")
    assert done.stdout
    assert not leaks(done.stdout + done.stderr, planted)


def test_nothing_that_is_built_holds_it(secrets, tmp_path):
    from thidua_analysis.pipeline import build

    content, planted = secrets
    raw = tmp_path / "raw"
    (raw / "2023").mkdir(parents=True)
    (raw / "bloc.toml").write_bytes(
        (ROOT / "tests" / "sample" / "data" / "raw" / "bloc.toml").read_bytes()
    )
    (raw / "2023" / "danh-sach.xlsx").write_bytes(content)
    build(tmp_path)
    import pyarrow.parquet as pq

    built = [p for p in (tmp_path / "processed").rglob("*") if p.is_file()]
    assert built
    for path in built:
        if path.suffix == ".parquet":
            text = repr(pq.read_table(path).to_pylist())
        else:
            text = path.read_bytes().decode("utf-8", "replace")
        assert not leaks(text, planted), path.name
