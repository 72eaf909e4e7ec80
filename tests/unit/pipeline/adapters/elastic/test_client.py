"""Errors in our words: what to do, and never what was searched."""

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError, BadRequestError, UnsupportedProductError
from elasticsearch import ConnectionError as NoConnection

from pipeline.adapters.elastic.client import Busy, Lost, translated, unavailable, whole
from pipeline.errors import BadInput, NightlightError, Unavailable


def refused(status: int, kind: str) -> ApiError:
    """An error that repeats the search."""
    meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.0, NodeConfig("http", "127.0.0.1", 9200))
    body = {"error": {"type": "outer", "reason": "quixotic", "root_cause": [{"type": kind, "reason": "quixotic"}]}}
    kinds = {200: UnsupportedProductError, 400: BadRequestError}
    return kinds.get(status, ApiError)("quixotic", meta, body)


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (NoConnection("quixotic"), Unavailable, "start it, or correct index_url"),
        (refused(200, ""), Unavailable, "isn't Elasticsearch; correct index_url"),
        (refused(400, "too_many_clauses"), BadInput, "use fewer terms"),
        (refused(429, "cluster_block_exception"), Unavailable, "free some space"),
        (refused(403, "cluster_block_exception"), Unavailable, "free some space"),
        (refused(403, "security_exception"), Unavailable, "check index_api_key_file"),
        (refused(401, "security_exception"), Unavailable, "check index_api_key_file"),
        (refused(404, "index_not_found_exception"), Lost, "nightlight index rebuild"),
        (refused(429, "es_rejected_execution_exception"), Busy, "tried again by itself"),
        (refused(503, "no_shard_available_action_exception"), Lost, "look at the cluster's health"),
    ],
)
def test_an_error_says_what_to_do_and_never_repeats_the_search(
    error: Exception, kind: type[NightlightError], says: str
) -> None:
    with pytest.raises(kind, match=says) as caught, translated():
        raise error
    assert "quixotic" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_part_that_failed_or_was_late_is_an_error() -> None:
    good = {"timed_out": False, "_shards": {"failed": 0}}
    assert whole(good) == good
    for bad in ({**good, "timed_out": True}, {**good, "_shards": {"failed": 1}}):
        with pytest.raises(Lost, match="doesn't answer"):
            whole(bad)


def test_a_server_that_is_too_busy_is_told_from_one_that_is_blocked() -> None:
    assert isinstance(unavailable(429, "circuit_breaking_exception"), Busy)
    assert not isinstance(unavailable(429, "cluster_block_exception"), Busy)
