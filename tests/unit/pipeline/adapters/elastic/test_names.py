"""Names, the template and the roles of one instance."""

import json

from pipeline.adapters.elastic.names import VERSION, Names, made_by, setup, template


def test_everything_of_an_instance_begins_with_its_prefix() -> None:
    names = Names("north")
    assert (names.posts, names.alerts, names.next) == ("north-posts", "north-alerts", "north-next")
    assert names.index(7) == "north-posts-000007"
    assert [names.number(names.index(each)) for each in (7, 1_234_567)] == [7, 1_234_567]
    assert [names.number(f"north-posts-{other}") for other in ("copy", "7", "000007-copy", "00000²")] == [0] * 4
    assert "{prefix}" not in json.dumps(setup(names))


def test_the_template_is_strict_and_carries_its_version() -> None:
    made = template(Names("north"))
    assert made["index_patterns"] == ["north-posts-*"]
    assert made["template"]["mappings"]["dynamic"] == "strict"
    assert made_by(made["template"]) == VERSION
    assert made_by({"mappings": {}}) == 0


def test_what_an_administrator_installs_is_the_template_and_two_roles() -> None:
    assert set(setup(Names("north"))) == {
        "_index_template/north-posts",
        "_security/role/north-indexer",
        "_security/role/north-searcher",
    }
