"""What things are called in Elasticsearch: one prefix an instance, so that several share a cluster."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from pipeline.adapters.elastic.folding import rules


@dataclass(frozen=True, slots=True)
class Names:
    """posts: the alias of every post of a thread with an alert; we write and search there.
    alerts: of those, the posts on alerts. next: what a rebuild fills, beside posts. indices: pattern of the indices.
    """

    prefix: str

    @property
    def posts(self) -> str:
        """Alias of all that can be searched; the template has this name too."""
        return f"{self.prefix}-posts"

    @property
    def alerts(self) -> str:
        """Alias of posts on alerts, for dashboards."""
        return f"{self.prefix}-alerts"

    @property
    def next(self) -> str:
        """Alias that exists while a rebuild runs."""
        return f"{self.prefix}-next"

    @property
    def indices(self) -> str:
        """Pattern of every index of this instance."""
        return f"{self.prefix}-posts-*"

    def index(self, number: int) -> str:
        """The name of an index."""
        return f"{self.prefix}-posts-{number:06}"

    def number(self, index: str) -> int:
        """Of an index we made; 0: somebody else's, such as a copy that an administrator keeps."""
        last = index.removeprefix(self.indices.removesuffix("*"))
        return int(last) if last.isdecimal() and self.index(int(last)) == index else 0


VERSION = 1
"""Of the mapping, in its `_meta`; grows whenever indices made before must be rebuilt."""
ERASED: dict[str, Any] = {"term": {"nightlight.gone": True}}
SHOWN: dict[str, Any] = {"bool": {"must_not": ERASED}}
ON_ALERTS: dict[str, Any] = {"exists": {"field": "nightlight.alert.id"}}


def template(names: Names) -> dict[str, Any]:
    """The index template, as `PUT _index_template/{names.posts}` takes it: strict, in the shape of ECS 9."""
    made = _packaged("template.json")
    made["template"]["settings"]["index"]["analysis"]["char_filter"]["fold"]["mappings"] = rules()
    made["template"]["mappings"]["_meta"] = {"nightlight": VERSION}
    return {"index_patterns": [names.indices]} | made


def made_by(index: Mapping[str, Any]) -> int:
    """The version of the mapping an index was made with; 0: none of ours."""
    return int(index["mappings"].get("_meta", {}).get("nightlight", 0))


def roles(names: Names) -> dict[str, dict[str, Any]]:
    """indexer: workers and rebuilds; searcher: consoles that index nothing. Each with what it does, and no more."""
    made: dict[str, dict[str, Any]] = json.loads(json.dumps(_packaged("roles.json")).replace("{prefix}", names.prefix))
    return made


def setup(names: Names) -> dict[str, dict[str, Any]]:
    """What an administrator PUTs: path → body, of the template and the roles; the roles fit API keys as well."""
    described = {f"_security/role/{names.prefix}-{role}": body for role, body in roles(names).items()}
    return {f"_index_template/{names.posts}": template(names)} | described


def _packaged(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(files("pipeline.adapters.elastic").joinpath(name).read_text())
    return loaded
