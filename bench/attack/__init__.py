"""`make attack`: hostile files against a real server, watched, and mutations of harmless ones."""
