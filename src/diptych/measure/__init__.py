"""Metrics: records and truth to results."""
