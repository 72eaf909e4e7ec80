"""Fixtures over the seeded world, for every folder that tests with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.domain.accounts import Actor, actor_of
from tests.browser.seeding import World, copy_of, seed


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """The world as made once."""
    home = tmp_path_factory.mktemp("seeded")
    world = seed(home)
    world.close()
    return home, world


@pytest.fixture
def world(seeded: tuple[Path, World], tmp_path: Path) -> Iterator[World]:
    """A copy nobody else sees."""
    copied = copy_of(*seeded, tmp_path / "home")
    yield copied
    copied.close()


class People:
    """`people.ines` is the actor of the user ines."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getattr__(self, name: str) -> Actor:
        with self._world.record.read() as tx:
            user = tx.user(name)
        if user is None:
            raise AttributeError(name)
        return actor_of(user)


@pytest.fixture
def people(world: World) -> People:
    """Actors of the seeded users."""
    return People(world)
