"""What goes back to members: marked copies of their files, and a page each."""
