"""Abilities and addresses of models."""
