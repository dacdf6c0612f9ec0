"""Bytes to elements to chunks within a token budget."""
