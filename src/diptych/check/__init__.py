"""Steps that check captions against the picture."""
