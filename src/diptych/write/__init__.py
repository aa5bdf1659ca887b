"""Steps that write captions."""
