"""Two files of one report: what differs, and what moves with it."""
