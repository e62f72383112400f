"""One column: raw cells in, values and findings out."""
