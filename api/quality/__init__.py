"""The quality of a dataset: what its import found, kept and told."""
