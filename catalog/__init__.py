"""The relational truth: who may read what, and how far each stage has come."""
