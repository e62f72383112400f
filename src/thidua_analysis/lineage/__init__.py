"""From a figure to the cells that it came from, and back; from a published figure to its proof."""
