"""One located table: what its rows are, and the values of its columns."""
