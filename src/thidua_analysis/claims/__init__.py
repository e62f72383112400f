"""Published figures and percentages, recomputed."""
