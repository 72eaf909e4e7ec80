"""The test servers really serve, keep what they acknowledged when they are killed, and leave nothing behind."""

import psycopg
import pytest
from elasticsearch import AuthenticationException, Elasticsearch
from redis import Redis

from tests.service.servers.elasticsearch import ElasticsearchServer
from tests.service.servers.postgres import PostgresServer
from tests.service.servers.redis import RedisServer


def test_elasticsearch_keeps_what_it_acknowledged_through_a_kill(elasticsearch_server: ElasticsearchServer) -> None:
    with Elasticsearch(elasticsearch_server.url, request_timeout=60) as client:
        client.index(index="kept", id="1", document={"text": "kept"})
        elasticsearch_server.kill()
        assert not elasticsearch_server.answers()
        elasticsearch_server.start()
        assert client.get(index="kept", id="1")["_source"] == {"text": "kept"}
        client.indices.delete(index="kept")


def test_elasticsearch_lets_nobody_in_without_a_password(elasticsearch_server: ElasticsearchServer) -> None:
    with Elasticsearch(elasticsearch_server.address) as stranger, pytest.raises(AuthenticationException):
        stranger.info()
    account = (elasticsearch_server.user, elasticsearch_server.password)
    with Elasticsearch(elasticsearch_server.address, basic_auth=account) as admin:
        key = admin.security.create_api_key(name="reader", role_descriptors={"r": {"cluster": ["monitor"]}})
    with Elasticsearch(elasticsearch_server.address, api_key=key["encoded"]) as reader:
        assert reader.info()["version"]["number"].startswith("9.")


def test_postgresql_keeps_what_it_committed_through_a_kill(postgres_server: PostgresServer, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    postgres_server.kill()
    assert not postgres_server.answers()
    postgres_server.start()
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]


def test_each_postgresql_database_is_empty(postgres_url: str, postgres_server: PostgresServer) -> None:
    tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute(tables).fetchone() == (0,)
        connection.execute("CREATE TABLE mine (one int)")
        assert connection.execute(tables).fetchone() == (1,)
    other = postgres_server.new_database()
    with psycopg.connect(other) as connection:
        assert connection.execute(tables).fetchone() == (0,)
    postgres_server.drop_database(other)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(other)


def test_redis_keeps_what_it_acknowledged_through_a_kill(redis_server: RedisServer, redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.set("kept", "1")
        redis_server.kill()
        assert not redis_server.answers()
        redis_server.start()
        assert client.get("kept") == b"1"


def test_each_redis_database_is_empty_and_another_one(redis_server: RedisServer, redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("mine", "1")
    other = redis_server.new_database()
    with Redis.from_url(other) as client:
        assert other != redis_url
        assert client.dbsize() == 0
