"""What a dataset holds, counted: kilometres by class, depth, age, and what nobody knows."""
