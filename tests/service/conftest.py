"""Real forum software, started once for all tests that only read it."""

from collections.abc import Iterator

import pytest

from tests.service.forums.launch import Forum, start


@pytest.fixture(scope="session")
def machina(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forum]:
    """django-machina with 62 posts."""
    forum = start("machina", tmp_path_factory.mktemp("machina"))
    yield forum
    forum.stop()


@pytest.fixture(scope="session")
def spirit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forum]:
    """Spirit with 62 posts."""
    forum = start("spirit", tmp_path_factory.mktemp("spirit"))
    yield forum
    forum.stop()
