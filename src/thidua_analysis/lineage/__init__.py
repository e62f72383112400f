"""From a figure to the cells that it came from, and back."""
