"""A foreign file is opened by a process of its own, behind walls; only plain text comes back."""
