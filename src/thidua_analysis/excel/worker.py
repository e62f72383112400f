"""Read .xls and .xlsb in a process of its own, which may die without harm.

The request comes on standard input: a line of JSON with the kind of file and the limits, then the
file. The answer goes to standard output as one JSON object.
"""

from __future__ import annotations

import atexit
import datetime as dt
import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, is_dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from thidua_analysis.excel.cells import Budget, Limits, Merge, Refusal, Sheet, Workbook, damaged
from thidua_analysis.findings import UNREADABLE

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

_MODULE = "thidua_analysis.excel.worker"
#: Neither the current folder, which may be full of strangers' files, nor warnings matter there.
_OPTIONS = ("-P", "-W", "ignore")
_WINDOWS = os.name == "nt"
#: How values come back that JSON does not know, by the name of their type.
_READ: dict[str, Callable[[Any], Any]] = {
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
    "time": dt.time.fromisoformat,
    "timedelta": lambda microseconds: dt.timedelta(microseconds=microseconds),
    "set": lambda found: set(map(_tupled, found)),
    "dict": lambda items: {_tupled(at): _tupled(fact) for at, fact in items},
    "Merge": lambda bounds: Merge(*bounds),
    "Sheet": lambda values: Sheet(*values),
    "Workbook": lambda values: Workbook(*map(_tupled, values)),
}


def read_isolated(kind: str, data: bytes, limits: Limits) -> Workbook:
    """Read an ``xls`` or ``xlsb`` file in a worker process."""
    request = json.dumps({"kind": kind, "limits": limits.as_mapping()}).encode()
    answer = _ask(b"\n".join((request, data)), limits.worker_seconds)
    try:
        return loaded(answer)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise Refusal("reader-failed", what="answer") from error


def _ask(message: bytes, seconds: int) -> bytes:
    """Start a worker, give it the message and return its answer; nothing of it stays behind."""
    # the worker, which loads this module too, needs none of it
    import subprocess

    # the worker finds this very package, installed or not
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
        [sys.executable, *_OPTIONS, "-m", _MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        # a group of its own, so that it can be ended with all that it may have started
        start_new_session=not _WINDOWS,
        # without it a black window would flash up for each file
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    ) as process:
        try:
            answer, _ = process.communicate(message, timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise Refusal("reader-failed", what=f"> {seconds} s") from error
        finally:
            # the number of a worker that has ended may belong to another process by now
            if process.poll() is None and _WINDOWS:
                process.kill()
            elif process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
    if process.returncode:
        raise Refusal("reader-failed", what=f"exit {process.returncode}")
    return answer


def dumped(message: Workbook | dict[str, Any]) -> bytes:
    """Return a workbook, or a refusal, as bytes that `loaded` reads."""
    text = json.dumps(message, default=_tagged, ensure_ascii=False, separators=(",", ":"))
    # half a surrogate pair is no text, but some files hold one
    return text.encode("utf-8", "surrogatepass")


def loaded(answer: bytes) -> Workbook:
    """Return the workbook that was `dumped`, or raise the refusal that the worker answered."""
    found = json.loads(answer.decode("utf-8", "surrogatepass"), object_hook=_untagged)
    if isinstance(found, Workbook):
        return found
    if found["refused"] in UNREADABLE:
        raise Refusal(found["refused"], **{str(k): str(v) for k, v in found["params"].items()})
    raise ValueError("no answer")


def _tagged(value: Any) -> dict[str, Any]:
    if is_dataclass(value):
        plain: Any = [_items(getattr(value, field.name)) for field in fields(value)]
    elif isinstance(value, dt.timedelta):
        plain = value // dt.timedelta(microseconds=1)
    else:
        plain = list(value) if isinstance(value, set) else value.isoformat()
    return {type(value).__name__: plain}


def _items(value: Any) -> Any:
    """Keys of JSON are texts, those of facts are positions."""
    return {"dict": list(value.items())} if isinstance(value, dict) else value


def _untagged(found: dict[str, Any]) -> Any:
    name = next(iter(found), "")
    return _READ[name](found[name]) if len(found) == 1 and name in _READ else found


def _tupled(value: Any) -> Any:
    return tuple(map(_tupled, value)) if isinstance(value, list) else value


def main() -> None:
    """Answer one request."""
    atexit.register(gc.freeze)  # else all that was loaded is searched for garbage before it leaves
    with _own_stdout() as answer_to:
        request = json.loads(sys.stdin.buffer.readline())
        data, limits = sys.stdin.buffer.read(), Limits(**request["limits"])
        _bound(limits)
        try:
            answer = dumped(_read(request["kind"], data, limits))
        except Refusal as refusal:
            answer = dumped({"refused": refusal.code, "params": refusal.params})
        answer_to.write(answer)


def _own_stdout() -> BinaryIO:
    """Keep standard output for the answer: whatever a reader prints goes to standard error."""
    answer_to = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answer_to


def _bound(limits: Limits) -> None:
    """Bound memory and time where the platform can, and leave no core behind."""
    try:
        import resource
    except ImportError:
        return
    seconds = limits.worker_seconds + 1
    for name, bound in (
        (resource.RLIMIT_AS, limits.worker_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(name, (bound, bound))
        except (ValueError, OSError):
            # a bound that is tighter already, or a platform that has none of this kind
            continue


def _read(kind: str, data: bytes, limits: Limits) -> Workbook:
    """Read a file with all facts; what our readers make no sense of is left to calamine."""
    try:
        # the process that asks loads this module too, and needs no reader
        from thidua_analysis.excel.binary_books import read_xls, read_xlsb

        return (read_xls if kind == "xls" else read_xlsb)(data, limits)
    except Refusal as refusal:
        if refusal.code != "file-damaged":
            raise
    except Exception as error:
        if "encrypted" in str(error):
            raise Refusal("file-encrypted") from error
    return values_alone(data, limits)


def values_alone(data: bytes, limits: Limits) -> Workbook:
    """Read values, merged ranges and hidden sheets by calamine, to which errors are blanks."""
    import python_calamine as calamine

    budget, sheets = Budget(limits), []
    try:
        with calamine.load_workbook(BytesIO(data)) as workbook:
            budget.refuse_sheets(len(workbook.sheet_names))
            for number, known in enumerate(workbook.sheets_metadata):
                if known.typ == calamine.SheetTypeEnum.WorkSheet:
                    is_hidden = known.visible != calamine.SheetVisibleEnum.Visible
                    sheet = Sheet(known.name, hidden=is_hidden)
                    _fill(sheet, workbook.get_sheet_by_index(number), budget)
                    sheets.append(sheet)
    except calamine.PasswordError as error:
        raise Refusal("file-encrypted") from error
    except calamine.CalamineError as error:
        raise damaged(str(error)) from error
    return Workbook(tuple(sheets), has_facts=False)


def _fill(sheet: Sheet, source: CalamineSheet, budget: Budget) -> None:
    if source.end:
        # counted from 0, and refused before the blanks around the values become lists
        budget.take_box(source.end[0] + 1, source.end[1] + 1, sheet.name)
    merges = source.merged_cell_ranges or []
    budget.take_merges(len(merges))
    sheet.merges = [Merge(r + 1, c + 1, r_end + 1, c_end + 1) for (r, c), (r_end, c_end) in merges]
    sheet.rows = [list(row) for row in source.to_python(skip_empty_area=False)]
    texts = (value for row in sheet.rows for value in row if isinstance(value, str))
    budget.take_text(sum(map(len, texts)))


if __name__ == "__main__":
    main()
