"""Grids that only their owner's parameters tie to the earth: a city's own, a raised plane, a former datum."""
