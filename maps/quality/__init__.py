"""The quality report of an import: one HTML file for the utility itself."""
