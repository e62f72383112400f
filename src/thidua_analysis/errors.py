"""Exceptions: a wrong call or a bug; problems in the data are findings, never exceptions."""

from __future__ import annotations


class ThiduaError(Exception):
    """Base class of all errors that the program explains to its user.

    Parameters
    ----------
    key
        Key of the message in the catalogue.
    **params
        What the message names (file, year, entry …).
    """

    exit_code = 2

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key, params)
        self.key = key
        self.params = params


class ConfigError(ThiduaError):
    """Raised when a TOML file (form, bloc, published claims, corrections) is wrong."""


class NoDataError(ThiduaError):
    """Raised when there is nothing to read, or nothing for the year asked for."""


class UsageError(ThiduaError):
    """Raised when a call names something that does not exist."""
