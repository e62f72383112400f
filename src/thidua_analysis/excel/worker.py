"""The process that reads one file of a kind that readers are known to crash on; run by `isolate`.

The request comes on standard input: a line of JSON with the kind of file, the limits and the
lengths of the byte strings that follow. The answer goes to standard output as one JSON object.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any, BinaryIO

from thidua_analysis.excel.limits import Limits
from thidua_analysis.excel.refusal import Refusal
from thidua_analysis.excel.wire import PlainBook, dump, dump_book


def main() -> None:
    """Answer one request."""
    answer_to = _own_stdout()
    header = json.loads(sys.stdin.buffer.readline())
    payload = [sys.stdin.buffer.read(size) for size in header["sizes"]]
    limits = Limits(**header["limits"])
    _bound(limits)
    with answer_to:
        answer_to.write(_answer(header["kind"], payload, limits))


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


def _answer(kind: str, payload: list[bytes], limits: Limits) -> bytes:
    try:
        return dump_book(_read(kind, payload, limits))
    except Refusal as refusal:
        return dump(_refused(refusal))


def _refused(refusal: Refusal) -> Mapping[str, Any]:
    return {"refused": refusal.code, "params": refusal.params}


def _read(kind: str, payload: list[bytes], limits: Limits) -> PlainBook:
    # each reader costs time to load, and only one is needed
    if kind == "xls":
        from thidua_analysis.excel.xls import read_xls

        return read_xls(payload[0], limits)
    if kind == "ods":
        from thidua_analysis.excel.ods import read_ods

        return read_ods(payload[0], payload[1], limits)
    from thidua_analysis.excel.xlsb import read_xlsb

    return read_xlsb(payload[0], limits)


if __name__ == "__main__":
    main()
