"""The Dagster half: definitions, assets, partitions, checks, resources."""
