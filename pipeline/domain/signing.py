"""Standard Webhooks 1.0.0 signatures (symmetric, `v1`)."""

import base64
import binascii
import hashlib
import hmac
import secrets

from pipeline.errors import Misconfigured

PREFIX = "whsec_"


def new_secret() -> str:
    """A fresh secret of 32 random bytes in the specification's spelling."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` value over `{id}.{timestamp}.{body}`.

    timestamp: integer Unix seconds of this attempt.
    Raises: Misconfigured if the secret isn't `whsec_` and base64 of 24 to 64 bytes.
    Source: Standard Webhooks 1.0.0, "Signature scheme".
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise Misconfigured(
            "A webhook secret must be whsec_ followed by base64 of 24 to 64 bytes; "
            "make a new one with: nightlight endpoint rotate ENDPOINT"
        )
    return key
