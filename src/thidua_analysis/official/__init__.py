"""The official forms 0601 to 0603 and the summary of the bloc, as workbooks."""
