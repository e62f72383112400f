"""Which file counts; tidy tables, the manifest and their replacement, all or nothing."""
