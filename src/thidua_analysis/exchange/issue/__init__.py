"""Templates that members fill in, made from the form that the reader reads them with."""
