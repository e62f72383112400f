"""Official statistical forms: layouts as data, filled from the tidy tables, written as printed."""
