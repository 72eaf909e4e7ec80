"""The instance key: signs checkpoints of the audit log and locally trained models."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from pipeline.errors import Misconfigured

INSTANCE = Path("keys/instance.pem")


def make_instance_key(home: Path) -> None:
    """Make the key unless there is one; readable by its owner only."""
    path = home / INSTANCE
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write_whole(path, pem)


def instance_key(home: Path) -> Ed25519PrivateKey:
    """The instance key. Raises: Misconfigured when the home folder has none."""
    try:
        key = load_pem_private_key((home / INSTANCE).read_bytes(), password=None)
    except FileNotFoundError:
        raise Misconfigured(f"{home} is no Nightlight home yet; make it one with: nightlight init") from None
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{home / INSTANCE} can't be read; restore it from your backup") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Misconfigured(f"{home / INSTANCE} isn't an ed25519 key; restore it from your backup")
    return key


def write_secret(home: Path, name: str, secret: str) -> Path:
    """Keep a secret in a file below the home folder, in place of the one before; returns where."""
    path = home / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    _write_whole(path, f"{secret}\n".encode())
    return path


def _write_whole(path: Path, content: bytes) -> None:
    """For its owner only, and whole or not at all: who died in the middle can do it again."""
    draft = path.with_name(path.name + ".draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    draft.replace(path)


def read_secret(home: Path, name: str) -> str:
    """The content of a secret file below the home folder, white space stripped.

    Raises: Misconfigured: the file is missing, empty, no text or outside the home folder.
    """
    path = (home / name).resolve()
    if not path.is_relative_to(home.resolve()):
        raise Misconfigured(f"Secret file {name!r} must lie below {home}")
    try:
        secret = path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        secret = ""
    if not secret:
        raise Misconfigured(
            f"Secret file {path} is missing, empty or no text; put the secret there, readable by this user only"
        )
    return secret
