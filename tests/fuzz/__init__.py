"""Random inputs against the readers, led by what they run: ``python -m tests.fuzz TARGET``."""
