"""Measurements of the project against plain ways of doing the same, ratios in one run."""
