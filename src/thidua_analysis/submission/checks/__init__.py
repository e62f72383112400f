"""The rules on rows: each a small function from a table to findings."""
