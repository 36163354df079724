"""DXF drawings: every entity is read, left out for a reason that is counted, or told to be unreadable."""
