"""The shipped classifier, loaded once."""

import pytest

from nlp.classifier import Classifier


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return Classifier.load()
