"""The commands and what they print; no logic."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys

INTERRUPTED = 130

# modules and forms stay to the end: to search them for garbage again and again while they are
# loaded, and once more before leaving, took a fifth of a check
gc.set_threshold(100_000)
atexit.register(gc.freeze)


def main() -> None:
    """Run the command line; an interruption while it is being loaded ends it without a word."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    from thidua_analysis.cli.app import main as run

    try:
        signal.signal(signal.SIGINT, before)
        run()
    except KeyboardInterrupt:  # before it could listen, or while it ended
        sys.exit(INTERRUPTED)
