"""Survey tables as CJJ 61 has them: points and the lines between them, by point number."""
