"""A utility's network files become checked assets, or rows with a reason."""
