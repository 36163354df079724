"""A text in both languages."""

Pair = tuple[str, str]
"""(zh, en)."""
