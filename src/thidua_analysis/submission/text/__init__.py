"""The text of cells: ordinary at a glance, legacy with its font, and what it says of its row."""
