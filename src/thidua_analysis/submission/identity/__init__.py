"""Who reports on which year with which form."""
