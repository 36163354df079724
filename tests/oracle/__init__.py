"""Independent judges of the mind's measurements: nothing here imports `spatial` to measure."""
