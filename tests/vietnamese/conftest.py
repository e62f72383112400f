"""Texts that the tests of this room share."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

_CORPUS = tomllib.loads((Path(__file__).parent / "corpus.toml").read_text("utf-8"))


def _listed(name: str) -> list[str]:
    return [" ".join(word.split()) for word in _CORPUS["vietnamese"][name].split(",")]


@pytest.fixture(scope="session")
def place_names() -> list[str]:
    """Provinces, districts and communes, alone and in capitals."""
    names = [name for part in ("provinces", "districts", "communes") for name in _listed(part)]
    return [*names, *(name.upper() for name in names)]


@pytest.fixture(scope="session")
def sentences() -> list[str]:
    """Sentences of everyday reports in Vietnamese."""
    return list(_CORPUS["vietnamese"]["sentences"])


@pytest.fixture(scope="session")
def foreign_sentences() -> list[str]:
    """Sentences in other languages whose letters could be taken for a legacy encoding."""
    return list(_CORPUS["foreign"]["sentences"])
