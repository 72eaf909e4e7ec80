"""Settings: `nightlight.toml` in the home folder, then `NIGHTLIGHT_…`; read once, frozen, unknown keys refused."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from pipeline.errors import Misconfigured

FILE = "nightlight.toml"
PREFIX = "NIGHTLIGHT_"
_NOT_SETTINGS = re.compile("NIGHTLIGHT_(HOME|TEST_.+)")


class _Frozen(BaseModel):
    # an input may hold a password where none belongs; no traceback shows it
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class OfficerKey(_Frozen):
    """An authorizing officer whose signature makes a mandate. public_key_file: PEM, below the home folder."""

    name: str = Field(min_length=1)
    public_key_file: str = Field(min_length=1)


class SealedList(_Frozen):
    """An agency's terms. file: made by `nightlight lexicon seal`; key_file: opens it. Both below the home folder."""

    file: str = Field(min_length=1)
    key_file: str = Field(min_length=1)


ListName = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,40}$")]
"""What a hit calls its list; it stands in reason ids, so it has no colon."""


class Settings(_Frozen):
    """Everything that can be set; the reference in docs/settings.md is checked against this class."""

    console_host: str = Field(
        "127.0.0.1",
        description="Address the console listens on; without secure_cookies one of this machine only.",
    )
    console_port: int = Field(8700, ge=0, le=65535, description="Port of the console; 0 takes a free one.")
    console_url: str = Field("", description="Address people use for the console; made from host and port if empty.")
    allowed_hosts: tuple[str, ...] = Field(("127.0.0.1", "localhost"), description="Host names the console answers to.")
    secure_cookies: bool = Field(False, description="The console is reached over TLS: cookies get the __Host- prefix.")
    socks_url: str = Field(
        "",
        pattern=r"^(socks5h?://[^@/?#\s]+:\d+/?)?$",  # no user and no password: each crawl makes its own
        description="Tor's SOCKS port, such as socks5h://127.0.0.1:9050; without it no onion source is crawled.",
    )
    record_url: str = Field(
        "",
        # no password, neither before @ nor as an option
        pattern=r"^(postgresql://([^:@/?\s]+@)?[^@/?\s]*/[^@/?&\s]+(\?ssl(mode|rootcert|cert|key)=[^&\s]+"
        r"(&ssl(mode|rootcert|cert|key)=[^&\s]+)*)?)?$",
        description="PostgreSQL, such as postgresql://nightlight@db.example/nightlight?sslmode=verify-full; "
        "empty keeps the record in record.db.",
    )
    record_password_file: str = Field(
        "", description="File below the home folder with the password for PostgreSQL; empty leaves it to PGPASSFILE."
    )
    index_url: str = Field(
        "",
        pattern=r"^(https?://[^@?#\s]+)?$",
        description="Elasticsearch 9, such as https://search.example:9200; empty keeps the index in index.db.",
    )
    index_prefix: str = Field(
        "nightlight",
        # no hyphen: `a-posts-*` must never match what belongs to an instance called `a-posts`
        pattern="^[a-z][a-z0-9_]{0,40}$",
        description="What our indices in Elasticsearch begin with; instances that share a cluster differ here.",
    )
    index_api_key_file: str = Field(
        "", description="File below the home folder with the encoded API key for Elasticsearch; empty sends none."
    )
    index_ca_file: str = Field(
        "", description="PEM file below the home folder: the authority behind Elasticsearch's certificate, if private."
    )
    broker_url: str = Field(
        "",
        # no option: it could be a password, or switch off the check of the certificate
        pattern=r"^(rediss?://([^:@/?#\s]+@)?[^@?#\s]+)?$",
        description="Redis for workers, such as redis://127.0.0.1:6379/0; empty leaves all work to nightlight serve.",
    )
    broker_password_file: str = Field(
        "", description="File below the home folder with the password for Redis; empty sends none."
    )
    broker_ca_file: str = Field(
        "", description="PEM file below the home folder: the authority behind Redis's certificate, if private."
    )
    officers: dict[str, OfficerKey] = Field(
        default_factory=dict, description="Key id → name and public key of each authorizing officer."
    )
    local_endpoints: bool = Field(False, description="Webhooks may go to this machine: for demos and tests only.")
    flag_from: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Probability from which posts are flagged, where it is above the model's own.",
    )
    sealed_lists: dict[ListName, SealedList] = Field(
        default_factory=dict, description="Name → sealed term list and its key file; a hit is called by name and line."
    )
    sealed_alerts: bool = Field(False, description="A term of a sealed list raises an alert by itself.")
    samples_per_day: int = Field(
        5,
        ge=0,
        le=500,
        description="Unflagged posts the model is least sure of, put to reviewers each day; 0 for none.",
    )
    labels_per_author: int = Field(
        20, ge=1, description="Labels of one author's posts that a model learns from at most."
    )
    labels_per_source: int = Field(1000, ge=1, description="Labels of one source that a model learns from at most.")
    labels_per_reviewer: int = Field(2000, ge=1, description="Labels one person gave that a model learns from at most.")
    shadow_posts: int = Field(
        200, ge=0, description="Posts a model must have judged in shadow before it can be promoted."
    )
    unflagged_days: Annotated[int, Field(ge=1, le=365)] = Field(
        30, description="Days after which unflagged posts are erased."
    )
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Level of our own log events.")


def load_settings(home: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of this home folder.

    Raises: Misconfigured: a file that isn't TOML, an unknown key, or a value out of range; the message names it.
    """
    values = _from_file(home / FILE) | _from_environment(environ)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise Misconfigured(
                f"There is no setting called {name!r}; remove it from {FILE} or the environment "
                "(docs/settings.md lists them all)"
            ) from error
        wrong = f"Setting {name!r} can't be used: {_wrong(name, first)}"
        raise Misconfigured(f"{wrong}; correct it in {FILE} or the environment") from error


def _wrong(name: str, error: ErrorDetails) -> str:
    """In words; a pattern says nothing to a person."""
    if error["type"] != "string_pattern_mismatch":
        return error["msg"]
    described = Settings.model_fields[name].description if name in Settings.model_fields else ""
    return f"it isn't what it should be ({(described or '').rstrip('.')}), or holds a password, which belongs in a file"


def _from_file(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} isn't valid TOML ({error}); correct that line") from error
    except OSError as error:
        raise Misconfigured(f"{path} can't be read ({error.strerror}); check its permissions") from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, object]:
    values: dict[str, object] = {}
    for key in variables(environ):
        name = key.removeprefix(PREFIX).lower()
        values[name] = [v.strip() for v in environ[key].split(",")] if name == "allowed_hosts" else environ[key]
    return values


def variables(environ: Mapping[str, str]) -> list[str]:
    """The environment variables that set something."""
    return [key for key in environ if key.startswith(PREFIX) and not _NOT_SETTINGS.fullmatch(key)]
