"""Bringing a network in: what its command and an upload over HTTP have in common, and the spool of what was uploaded."""
