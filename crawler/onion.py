"""Onion service addresses, version 3."""

import base64
import hashlib


def is_onion(host: str) -> bool:
    """Does the name belong to Tor? Such a name never meets a resolver (RFC 7686)."""
    return f".{host.lower().rstrip('.')}".endswith(".onion")


def is_valid_onion(host: str) -> bool:
    """Does the name's checksum hold? A mistyped address is found before anything is sent.

    Source: Tor's rend-spec-v3, section "Encoding onion addresses": base32(key ‖ checksum ‖ version).
    """
    label = host.lower().rstrip(".").removesuffix(".onion").rpartition(".")[2]
    try:
        raw = base64.b32decode(label.upper())
    except ValueError:
        return False
    if len(label) != 56 or len(raw) != 35 or raw[34] != 3:
        return False
    key, checksum, version = raw[:32], raw[32:34], raw[34:]
    return hashlib.sha3_256(b".onion checksum" + key + version).digest()[:2] == checksum
