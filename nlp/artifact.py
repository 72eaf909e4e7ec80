"""A trained model on disk: arrays and a manifest, never code.

    <model id>/manifest.json    what it is, how it was made, SHA-256 of the arrays
    <model id>/weights.npz      arrays, read without pickle
    <model id>/card.md          the figures for people; nothing reads it
    <model id>/manifest.sig     ed25519 signature of manifest.json, hex; only for models trained on this instance

The shipped model has no signature: the hash of its manifest is pinned in `nlp.shipped`.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from nlp import features, taxonomy
from nlp.errors import Corrupt
from nlp.lexicon import TERMS
from nlp.model import Examples, Model

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
WEIGHTS = "weights.npz"
_ARRAYS = ("columns", "weights", "bias", "slope", "shift")
_EXAMPLES = {field: f"example_{field}" for field in Examples._fields}
_MAX_FILE_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model is and how it was made.

    features: version of the feature code; terms: SHA-256 of the term list. Both must be those of the running package.
    threshold: probability in [0, 1] from which a text is flagged. training: SHA-256 over all training rows.
    rates: share of alerting texts that the calibration assumes, of each regime. files: SHA-256 by file name.
    metrics: measured at training, by data set.
    """

    model_id: str
    taxonomy: str
    features: int
    terms: str
    heads: tuple[str, ...]
    threshold: float
    rates: dict[str, float]
    seed: int
    training: str
    libraries: dict[str, str]
    metrics: dict[str, Any]
    files: dict[str, str]


def terms_hash() -> str:
    """SHA-256 of the term list of the running package."""
    return _sha256(TERMS.read_bytes())


def pack(model: Model) -> bytes:
    """The arrays as npz; the same arrays give the same bytes."""
    buffer = io.BytesIO()
    arrays = {name: getattr(model, name) for name in _ARRAYS}
    arrays |= {name: getattr(model.examples, field) for field, name in _EXAMPLES.items()}
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def name_of(weights: bytes) -> str:
    """The model id of these packed arrays."""
    return f"v{taxonomy.VERSION}-{_sha256(weights)[:12]}"


def write(folder: Path, manifest: Manifest, weights: bytes, key: Ed25519PrivateKey | None) -> str:
    """Write the artifact into folder/<model id>; returns the SHA-256 of its manifest. Signed if a key is given."""
    place = folder / manifest.model_id
    place.mkdir(parents=True, exist_ok=True)
    listed = json.dumps(asdict(manifest), indent=1, sort_keys=True).encode() + b"\n"
    (place / WEIGHTS).write_bytes(weights)
    if key is not None:
        (place / SIGNATURE).write_text(key.sign(listed).hex() + "\n")
    (place / MANIFEST).write_bytes(listed)
    return _sha256(listed)


def read_pinned(folder: Path, pinned: str) -> tuple[Manifest, Model]:
    """The shipped model, whose manifest must have this SHA-256. Raises: Corrupt."""
    listed = _bytes(folder / MANIFEST)
    if _sha256(listed) != pinned:
        raise Corrupt(f"{folder} isn't the model this package shipped with; install the package again.")
    return _read(folder, listed)


def read_signed(folder: Path, key: Ed25519PublicKey) -> tuple[Manifest, Model]:
    """A model trained on this instance, whose manifest must be signed with this key. Raises: Corrupt."""
    listed = _bytes(folder / MANIFEST)
    try:
        key.verify(bytes.fromhex(_bytes(folder / SIGNATURE).decode("ascii").strip()), listed)
    except (InvalidSignature, ValueError):
        raise Corrupt(f"{folder} isn't signed by this instance; train the model here again.") from None
    return _read(folder, listed)


def _read(folder: Path, listed: bytes) -> tuple[Manifest, Model]:
    manifest = _manifest(folder, listed)
    if manifest.taxonomy != taxonomy.VERSION:
        raise Corrupt(f"{folder} was trained for taxonomy {manifest.taxonomy}, not {taxonomy.VERSION}; train it again.")
    if manifest.features != features.VERSION or manifest.terms != terms_hash():
        raise Corrupt(f"{folder} was trained with other terms or features than this package has; train it again.")
    data = _bytes(folder / WEIGHTS)
    if _sha256(data) != manifest.files.get(WEIGHTS):
        raise Corrupt(f"{folder / WEIGHTS} is damaged or was swapped; restore it or train the model again.")
    return manifest, _model(folder, manifest, data)


def _manifest(folder: Path, listed: bytes) -> Manifest:
    try:
        fields = json.loads(listed)
        return Manifest(**{**fields, "heads": tuple(fields["heads"])})
    except (ValueError, TypeError, KeyError):
        raise Corrupt(f"{folder / MANIFEST} isn't a model manifest; restore it or train the model again.") from None


def _model(folder: Path, manifest: Manifest, data: bytes) -> Model:
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            examples = Examples(**{field: arrays[name] for field, name in _EXAMPLES.items()})
            own = {name: arrays[name] for name in _ARRAYS}
            return Model(heads=manifest.heads, width=features.columns(), examples=examples, **own)
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise Corrupt(f"{folder / WEIGHTS} holds no model; restore it or train the model again.") from None


def _bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > _MAX_FILE_BYTES:
            raise Corrupt(f"{file} is too large for a model file; restore it or train the model again.")
        return file.read_bytes()
    except OSError:
        raise Corrupt(f"{file} is missing or can't be read; restore it or train the model again.") from None


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
