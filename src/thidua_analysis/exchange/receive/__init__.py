"""What comes in: files, days of receipt, late changes, and the board of who sent what."""
