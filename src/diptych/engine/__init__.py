"""Runs pipelines over records: run folders, resume, accounting."""
