"""The query module: search as a person, fuse, re-check, cite, explain."""
