"""Before a new year: folders and templates, proposals, headings that the form does not know."""
