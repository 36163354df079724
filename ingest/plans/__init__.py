"""A firm's dig plan becomes dig sites, or faults with their places."""
