"""The commands and what they print; no logic."""

import atexit
import gc

# modules and forms stay to the end: to search them for garbage again and again while they are
# loaded, and once more before leaving, took a fifth of a check
gc.set_threshold(100_000)
atexit.register(gc.freeze)
