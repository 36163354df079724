"""Tables of coordinates: what their headings mean, which rows are one shape, how numbers are written."""
