"""What an import would do to the dataset that stands: which rows change, what is lost, whether all of it jumps."""
