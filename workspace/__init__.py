"""Settings, and the parts that they describe, put together."""
