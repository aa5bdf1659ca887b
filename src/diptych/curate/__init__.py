"""Steps that score, select and drop."""
