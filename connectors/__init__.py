"""Source systems: one folder each, one contract (`interface`), one line in the `registry`."""
