"""The briefing map: what a crew reads before digging, on one page."""
