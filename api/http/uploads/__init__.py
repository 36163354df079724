"""Files that come in over HTTP: the form they are sent in, what they amount to, and those that are kept."""
