"""Procedural scenes with ground truth, and simulated experts."""
