"""Where the tables of a form stand: headings, columns, extent, and what is wrong with them."""
