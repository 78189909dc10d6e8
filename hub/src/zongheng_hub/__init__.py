"""The provincial hub."""
