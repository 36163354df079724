"""Proposing a map for a file nobody has mapped yet: what is certain is written, what is doubtful is left to be decided."""
