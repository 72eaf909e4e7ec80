"""The ports on real back ends."""
