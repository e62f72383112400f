"""What the program says of everything in the repository, a digest an item: did a change keep it?

``make golden`` compares with ``digests.json`` and names every item that says something else;
``make golden-accept`` stores what is said now, for a change that is meant. To see what differs,
write the texts of two revisions with ``--dump DIR`` and compare the folders with ``diff -r``.

========= ==================================================================================
part      items
========= ==================================================================================
facts     all that the reader knows of every workbook in tests/
check     what ``thidua check --json`` says of it
rows      what ``thidua rows --json`` says of it
marks     the marked copy that goes back to the sender of one workbook in each folder of
          tests/should_fail/
figures   figures, frames in many breakdowns, the cells behind every figure, status, claims
pages     text and tags of the pages of every year; what stands behind each chart
drawings  the charts as drawn, without the numbers that the drawing library makes up
forms     official forms, templates, feedback, the files of a new year: all parts of each file
========= ==================================================================================

Nothing in a digest depends on the folder, the day or the version of the program. Where a module
of the package is redesigned, `facts.py` alone looks into it; all else goes through the command
line and the public names.
"""
