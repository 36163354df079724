"""What a user would pick instead of Predig, each in the form a careful user would write, on the same pipes and digs."""
