"""The exchange with members: templates out, files in, marked copies back, revisions compared."""
