"""The stages that failures of single documents stand under."""

FETCH = "fetch"
"""Reading it from its source."""
CHUNK = "chunk"
"""Parsing its body."""
INDEX = "index"
"""Writing its passages to the index."""
PERMISSIONS = "permissions"
"""Reading who may read it."""

ALL = (FETCH, CHUNK, INDEX, PERMISSIONS)
