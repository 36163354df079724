"""One network written by the programs that real files come from, and read back."""
