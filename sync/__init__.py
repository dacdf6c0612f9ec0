"""The straight path from a page of changes to the index, without Dagster."""
