"""Local grids: registered once with their parameters, then used by name. Only sealed parameters leave this room."""
