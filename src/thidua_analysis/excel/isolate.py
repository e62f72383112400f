"""Read .xls, .xlsb and .ods in a process of their own, which may die without harm."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from thidua_analysis.excel.limits import Limits
from thidua_analysis.excel.refusal import Refusal
from thidua_analysis.excel.wire import PlainBook, load, load_book
from thidua_analysis.findings import UNREADABLE

_MODULE = "thidua_analysis.excel.worker"
#: Neither the current folder, which may be full of strangers' files, nor warnings matter there.
_OPTIONS = ("-P", "-W", "ignore")
_WINDOWS = os.name == "nt"
#: Without it a black window would flash up for each file.
_NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)


def read_isolated(kind: str, payload: Sequence[bytes], limits: Limits) -> PlainBook:
    """Read a file in a worker process.

    Parameters
    ----------
    kind
        ``xls``, ``xlsb`` or ``ods``.
    payload
        What the worker is to read.
    limits
        Bounds of the workbook, and of the worker.

    Returns
    -------
    PlainBook

    Raises
    ------
    Refusal
        What the worker refused, or ``reader-failed`` if it died, hung or answered nonsense.
    """
    request = {
        "kind": kind,
        "limits": limits.as_mapping(),
        "sizes": [len(part) for part in payload],
    }
    message = b"".join((json.dumps(request).encode(), b"\n", *payload))
    answer = _parsed(_ask(message, limits.worker_seconds))
    if "refused" in answer:
        raise _refusal(answer)
    try:
        return load_book(answer)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refusal("reader-failed", what="answer") from error


def _parsed(answer: bytes) -> dict[str, Any]:
    try:
        parsed = load(answer)
    except (ValueError, RecursionError) as error:
        raise Refusal("reader-failed", what="answer") from error
    if not isinstance(parsed, dict):
        raise Refusal("reader-failed", what="answer")
    return parsed


def _refusal(answer: dict[str, Any]) -> Refusal:
    code, params = answer["refused"], answer.get("params")
    if code not in UNREADABLE or not isinstance(params, dict):
        return Refusal("reader-failed", what="answer")
    return Refusal(code, **{str(key): str(value) for key, value in params.items()})


def _ask(message: bytes, seconds: int) -> bytes:
    """Start a worker, give it the message and return its answer; nothing of it stays behind."""
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
        [sys.executable, *_OPTIONS, "-m", _MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        # a group of its own, so that it can be ended with all that it may have started
        start_new_session=not _WINDOWS,
        creationflags=_NO_WINDOW,
    ) as process:
        try:
            answer, _ = process.communicate(message, timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise Refusal("reader-failed", what=f"> {seconds} s") from error
        finally:
            _end(process)
    if process.returncode:
        raise Refusal("reader-failed", what=f"exit {process.returncode}")
    return answer


def _environment() -> dict[str, str]:
    """Environment in which the worker finds this very package, installed or not."""
    root = str(Path(__file__).parents[2])
    paths = [root, os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a worker that still runs, with its children."""
    if process.poll() is not None:
        # its number may belong to another process by now
        return
    if _WINDOWS:
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
