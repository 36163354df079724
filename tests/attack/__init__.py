"""Hostile files, and what is watched while they are opened."""
