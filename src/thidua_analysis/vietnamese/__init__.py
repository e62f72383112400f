"""Strings to values: text, numbers and dates as people in Vietnam write them."""
