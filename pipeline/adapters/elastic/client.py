"""The official client, and its errors in our words: Elasticsearch's own may repeat the search or a text, so they go
nowhere.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from elastic_transport.client_utils import DEFAULT
from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    Elasticsearch,
    TransportError,
    UnsupportedProductError,
)

from pipeline.errors import BadInput, Unavailable

TIMEOUT_S = 30
CURE = "make it again with: nightlight index rebuild"
_BUSY = ("es_rejected_execution_exception", "circuit_breaking_exception")


class Lost(Unavailable):
    """An index or a part of it isn't there; after a swap the same call finds its successor."""


class Busy(Unavailable):
    """A queue or the memory is full; the same call may succeed in a moment."""


def connect(url: str, api_key: str = "", ca_file: Path | None = None) -> Elasticsearch:
    """A client of the cluster at this URL. api_key: encoded, as Elasticsearch hands it out. ca_file: PEM.

    Server errors aren't retried by the client: what 429 means is in the answer.
    """
    return Elasticsearch(
        url,
        api_key=api_key or None,
        ca_certs=str(ca_file) if ca_file else DEFAULT,
        request_timeout=TIMEOUT_S,
        retry_on_status=(),
    )


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the client as Unavailable or BadInput."""
    try:
        yield
    except TransportError:
        raise Unavailable("Elasticsearch doesn't answer; start it, or correct index_url or index_ca_file") from None
    except UnsupportedProductError:
        raise Unavailable("What answers at index_url isn't Elasticsearch; correct index_url") from None
    except (AuthenticationException, AuthorizationException) as error:
        raise unavailable(error.status_code, _type(error.body)) from None
    except ApiError as error:
        raise _meaning(error.status_code, _type(error.body)) from None


def whole(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer, if every shard gave its part in time. Raises: Lost."""
    if answer.get("timed_out") or answer["_shards"]["failed"]:
        raise Lost(f"A part of the search index doesn't answer; look at the cluster's health, or {CURE}")
    return answer


def unavailable(status: int, kind: str) -> Unavailable:
    """What a status and an error type mean, and what to do."""
    if kind == "cluster_block_exception":
        return Unavailable(
            "Elasticsearch takes no writes: a disk is too full, or the index was made read-only; free some space and "
            "lift the block, the index catches up by itself"
        )
    if status in (401, 403):
        return Unavailable("Elasticsearch refuses this API key; check index_api_key_file and the role of its key")
    if kind == "strict_dynamic_mapping_exception":
        return Unavailable(f"The search index was made by another version of Nightlight; {CURE}")
    if status == 404:
        return Lost(f"There is no search index in Elasticsearch; {CURE}")
    if status == 429 or kind in _BUSY:
        return Busy("Elasticsearch has more to do than it can; it is tried again by itself")
    return Lost(f"Elasticsearch can't answer now (HTTP {status}); look at the cluster's health and its log")


def _meaning(status: int, kind: str) -> Exception:
    if status == 400:
        return BadInput("Elasticsearch can't run this search; use fewer terms or longer word beginnings")
    return unavailable(status, kind)


def _type(body: object) -> str:
    """Of the cause that a failed search names, else of the error itself."""
    error = body.get("error", {}) if isinstance(body, dict) else {}
    if not isinstance(error, dict):
        return ""
    causes = [*error.get("root_cause", []), error]
    return str(causes[0].get("type", ""))
