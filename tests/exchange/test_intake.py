"""Files come in: a clear name, never over another, the day of receipt, late changes accepted."""

import datetime as dt
import shutil
import tomllib

import openpyxl
import pytest

from thidua_analysis.exchange.intake import add
from thidua_analysis.exchange.late import ACCEPTED
from thidua_analysis.findings import ConfigError, UsageError
from thidua_analysis.store import inputs
from thidua_analysis.store.inputs import RECEIVED

pytestmark = pytest.mark.slow

DAY = dt.date(2023, 12, 18)


@pytest.fixture
def empty(project):
    """The project with the year 2023 not yet come in."""
    shutil.rmtree(project / "data" / "raw" / "2023")
    return project


@pytest.fixture
def inbox(tmp_path, project):
    folder = tmp_path / "thu-den"
    shutil.copytree(project / "data" / "raw" / "2023", folder)
    return folder


def test_a_file_is_kept_under_its_members_id_with_the_day_of_receipt(inbox, empty):
    sent = inbox / "Báo cáo cuối năm (bản chính).xlsx"
    (inbox / "hnd.xlsx").rename(sent)
    before = sent.read_bytes()
    (one,) = add(empty / "data", [sent], on=DAY)
    assert (one.file, one.outcome) == ("2023/hnd.xlsx", "added")
    assert one.checked.submission.member == "hnd"
    assert sent.read_bytes() == before == (empty / "data" / "raw" / one.file).read_bytes()
    assert inputs.read_receipts(empty / "data") == {"2023/hnd.xlsx": DAY}


def test_the_file_of_the_bloc_and_other_kinds_of_spreadsheets_are_taken_in(inbox, empty):
    done = add(empty / "data", [inbox / "khoi.xlsx", inbox / "ccb.xls"], on=DAY)
    assert [one.file for one in done] == ["2023/khoi.xlsx", "2023/ccb.xls"]
    assert [one.checked.submission.status for one in done] == ["ok", "ok"]


def test_a_second_file_of_a_member_never_replaces_the_first_and_sorts_after_it(inbox, empty):
    from thidua_analysis.store.revisions import natural

    first = inbox / "ldld.xlsx"
    names = []
    for number in range(12):
        book = openpyxl.load_workbook(first)
        book["Sáng kiến"]["H1"] = f"bản {number}"
        book.save(first)
        names.append(add(empty / "data", [first], on=DAY)[0].file)
    assert names[:3] == ["2023/ldld.xlsx", "2023/ldld_2.xlsx", "2023/ldld_3.xlsx"]
    assert sorted(names, key=natural) == names
    assert len(set(names)) == 12


def test_a_file_of_another_ending_does_not_take_the_same_stem(inbox, empty):
    """ccb.xls and ccb.xlsx would sort by their endings."""
    add(empty / "data", [inbox / "ccb.xls"], on=DAY)
    from thidua_analysis import excel
    from thidua_analysis.exchange.new_book import converted

    copy = inbox / "ccb.xlsx"
    copy.write_bytes(converted(excel.read((inbox / "ccb.xls").read_bytes(), "ccb.xls").workbook))
    (one,) = add(empty / "data", [copy], on=DAY)
    assert one.file == "2023/ccb_2.xlsx"


def test_the_same_bytes_are_not_copied_twice(inbox, empty):
    add(empty / "data", [inbox / "hnd.xlsx"], on=DAY)
    (again,) = add(empty / "data", [inbox / "hnd.xlsx"], on=dt.date(2024, 1, 2))
    assert (again.outcome, again.file, again.checked) == ("known", "2023/hnd.xlsx", None)
    assert inputs.read_receipts(empty / "data") == {"2023/hnd.xlsx": DAY}


def test_what_does_not_say_whose_it_is_keeps_its_name_and_needs_a_year(inbox, empty):
    path = inbox / "không rõ.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(UsageError, match="add-no-year"):
        add(empty / "data", [path])
    (one,) = add(empty / "data", [path], 2023, on=DAY)
    assert one.file == "2023/không rõ.xlsx"
    assert one.checked.submission.status == "unreadable"


def test_nothing_is_copied_where_one_of_several_files_is_refused(inbox, empty):
    with pytest.raises(UsageError):
        add(empty / "data", [inbox / "hnd.xlsx", inbox / "khong-co.xlsx"])
    (inbox / "thu.pdf").write_bytes(b"%PDF")
    with pytest.raises(UsageError, match="not-a-submission"):
        add(empty / "data", [inbox / "hnd.xlsx", inbox / "thu.pdf"], 2023)
    assert not (empty / "data" / "raw" / "2023").exists()


def test_a_folder_is_taken_in_without_lock_files_which_are_named_when_chosen(inbox, empty):
    lock = inbox / "~$hnd.xlsx"
    lock.write_bytes(b"")
    with pytest.raises(UsageError, match="lock-file"):
        add(empty / "data", [lock], 2023)
    assert len(add(empty / "data", [inbox], on=DAY)) == 7


def test_comments_and_order_of_received_toml_stay(inbox, empty):
    path = empty / "data" / "raw" / "received.toml"
    written = '# sổ nhận\n[[received]]\nfile = "2022/hnd.xlsx"  # qua văn thư\non = 2022-12-19'
    path.write_text(written, encoding="utf-8")
    add(empty / "data", [inbox / "hnd.xlsx"], on=DAY)
    assert path.read_text(encoding="utf-8").startswith(written)
    assert inputs.read_receipts(empty / "data") == {
        "2022/hnd.xlsx": dt.date(2022, 12, 19),
        "2023/hnd.xlsx": DAY,
    }


def test_a_broken_received_toml_stops_before_anything_is_copied(inbox, empty):
    path = empty / "data" / "raw" / "received.toml"
    path.write_text("received = [", encoding="utf-8")
    with pytest.raises(ConfigError):
        add(empty / "data", [inbox / "hnd.xlsx"], on=DAY)
    assert not (empty / "data" / "raw" / "2023").exists()


def test_a_list_that_nothing_can_be_added_to_is_named_and_stays(empty):
    path = empty / "data" / "raw" / "received.toml"
    path.write_text("received = []\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="ledger-closed"):
        RECEIVED.add(empty / "data", [{"file": "2023/a.xlsx", "on": DAY}])
    assert path.read_text(encoding="utf-8") == "received = []\n"


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "a\x01b", "Hội – đoàn", "'''"])
def test_any_name_survives_the_way_into_toml_and_back(tmp_path, name):
    (tmp_path / "raw").mkdir()
    RECEIVED.add(tmp_path, [{"file": name, "on": DAY}])
    path = tmp_path / "raw" / "received.toml"
    (read,) = tomllib.loads(path.read_text(encoding="utf-8"))["received"]
    assert read == {"file": name, "on": DAY}


# --- late changes ----------------------------------------------------------------------------


@pytest.fixture
def published(project):
    (project / "data" / "raw" / "published.toml").write_text(
        '[[claim]]\nid = "a"\nyear = 2023\nkind = "number"\n'
        'text = { vi = "a", en = "a" }\nsource = "a"\n',
        encoding="utf-8",
    )
    return project


@pytest.fixture
def late(published, tmp_path):
    path = tmp_path / "mttq-sua.xlsx"
    book = openpyxl.load_workbook(published / "data" / "raw" / "2023" / "mttq.xlsx")
    book["Thông tin"]["B6"] = 3
    book.save(path)
    return path


def test_a_late_change_to_a_published_year_needs_to_be_accepted(published, late):
    with pytest.raises(UsageError, match="published-year"):
        add(published / "data", [late], on=DAY)
    assert not (published / "data" / "raw" / "2023" / "mttq_2.xlsx").exists()
    assert ACCEPTED.read(published / "data") == ()


def test_an_accepted_change_is_recorded_with_what_it_replaces_and_why(published, late):
    (one,) = add(published / "data", [late], on=DAY, accept=True, reason='Công văn "12/CV"')
    (change,) = ACCEPTED.read(published / "data")
    assert (change.file, change.replaces, change.on, change.reason) == (
        one.file, "2023/mttq.xlsx", DAY, 'Công văn "12/CV"',
    )  # fmt: skip
    assert change.sha256 == one.checked.submission.sha256


def test_a_known_file_of_a_published_year_changes_nothing_and_needs_no_acceptance(published):
    source = published / "data" / "raw" / "2023" / "hnd.xlsx"
    (one,) = add(published / "data", [source])
    assert one.outcome == "known"
    assert ACCEPTED.read(published / "data") == ()


def test_a_year_that_is_not_published_needs_no_acceptance(published, tmp_path):
    path = tmp_path / "hnd.xlsx"
    book = openpyxl.load_workbook(published / "data" / "raw" / "2022" / "hnd.xlsx")
    book.save(path)
    assert add(published / "data", [path], on=DAY)[0].file == "2022/hnd_2.xlsx"
