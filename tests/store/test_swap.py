from pathlib import Path

from thidua_analysis.store import disk

OLD = {"a.parquet": b"old a", "gone.parquet": b"old", "manifest.json": b"old manifest"}
NEW = {"a.parquet": b"new a", "b.parquet": b"new b", "manifest.json": b"new manifest"}


def content(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.iterdir()}


def test_the_folder_holds_exactly_the_new_files(tmp_path):
    home = tmp_path / "processed"
    disk.replace_folder(home, OLD)
    disk.replace_folder(home, NEW)
    assert content(home) == NEW
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == ["processed"]


def test_without_an_exchange_of_folders_the_files_are_moved(tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "exchange", lambda one, other: False)
    home = tmp_path / "processed"
    disk.replace_folder(home, OLD)
    disk.replace_folder(home, NEW)
    assert content(home) == NEW
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == ["processed"]
