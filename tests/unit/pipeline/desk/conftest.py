"""The seeded world for these tests."""

from tests.browser.fixtures import people, seeded, world

__all__ = ["people", "seeded", "world"]
