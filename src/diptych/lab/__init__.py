"""Experiments: truth joined with records, arms, seeds, intervals."""
