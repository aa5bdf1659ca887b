"""Captions to scene graphs and back, without a model."""
