"""Doors onto the query module: the command line."""
