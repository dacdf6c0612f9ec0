"""What is claimed about speed, measured: ``python -m benchmarks.NAME [--quick]``.

The last line of each is one line of JSON with the figures by name.
"""
