"""Boxes, masks and quantiles in numpy."""
