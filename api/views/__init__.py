"""What leaves the house: answers as JSON, and what the maps are to show."""
