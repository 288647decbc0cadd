"""The fast engine: the same rules, compiled."""
