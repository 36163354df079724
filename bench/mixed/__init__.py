"""Made network files in which good rows and bad ones stand side by side, in every format that is read."""
