"""Judge texts: the whole of nlp behind one class."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from nlp import artifact, evidence, shipped
from nlp.artifact import Manifest
from nlp.assessment import Assessment, Span, Text
from nlp.errors import Corrupt
from nlp.features import Prepared, matrix, named, prepare
from nlp.language import identify
from nlp.lexicon import Lexicon
from nlp.model import Model

MODELS = Path(__file__).parent / "models"
WINDOW = 20_000
_OVERLAP = 500


class Classifier:
    """A loaded model. `assess` never raises for any text, and gives the same answer for it in any batch."""

    def __init__(self, manifest: Manifest, model: Model, sealed: Lexicon | None = None) -> None:
        self._manifest = manifest
        self._model = model
        self._sealed = sealed or Lexicon({})

    @classmethod
    def load(cls, folder: Path | None = None, *, public_key: Ed25519PublicKey | None = None) -> "Classifier":
        """The shipped model, or the one in `folder` that was trained and signed on this instance.

        Raises: Corrupt: the model is missing, damaged, not the one that was signed or pinned, or for another taxonomy.
        """
        if folder is None or folder.resolve() == (MODELS / shipped.MODEL_ID).resolve():
            return cls(*artifact.read_pinned(MODELS / shipped.MODEL_ID, shipped.MANIFEST_SHA256))
        if public_key is None:
            raise Corrupt(f"{folder} can't be checked without the key of this instance; run this in its home folder.")
        return cls(*artifact.read_signed(folder, public_key))

    @property
    def model_id(self) -> str:
        """Names the artifact; its hash is part of it."""
        return self._manifest.model_id

    @property
    def threshold(self) -> float:
        """The probability from which a text is flagged."""
        return self._manifest.threshold

    @property
    def manifest(self) -> Manifest:
        """What the model is and how it was made."""
        return self._manifest

    def with_sealed(self, sealed: Lexicon) -> "Classifier":
        """The same model, which also marks the terms of an agency's sealed list."""
        return Classifier(self._manifest, self._model, sealed)

    def assess(self, texts: Sequence[Text]) -> list[Assessment]:
        """One assessment per text, in order; in texts longer than WINDOW the worst of overlapping windows counts."""
        windows = [(number, start, part) for number, text in enumerate(texts) for start, part in _windows(text)]
        if not windows:
            return []
        prepared = [prepare(part) for _, _, part in windows]
        rows = self._model.probabilities(matrix(prepared), named(prepared)).tolist()
        parts: list[list[Assessment]] = [[] for _ in texts]
        for (number, start, part), item, row in zip(windows, prepared, rows, strict=True):
            parts[number].append(self._judged(part, item, row, start))
        return [_joined(found, identify(text.text)) for found, text in zip(parts, texts, strict=True)]

    def _judged(self, text: Text, item: Prepared, row: list[float], start: int) -> Assessment:
        score, *rest = row
        kinds = dict(zip(self._model.kinds, rest, strict=True))
        flagged = score >= self.threshold
        spans = evidence.rule_spans(item)
        child_safety = any(span.reason == "child-safety-term" for span in spans)
        if flagged and not any(span.reason != "child-safety-term" for span in spans):
            told = evidence.wording(text.text, self._scores)
            spans += (told,) if told else ()
        spans += evidence.sealed_spans(item, self._sealed)
        moved = tuple(Span(span.start + start, span.end + start, span.reason) for span in spans)
        return Assessment(score, flagged, kinds, moved, "", child_safety, self.model_id)

    def _scores(self, prepared: list[Prepared]) -> list[float]:
        scores: list[float] = self._model.probabilities(matrix(prepared), named(prepared))[:, 0].tolist()
        return scores


def _windows(text: Text) -> Iterator[tuple[int, Text]]:
    if len(text.text) <= WINDOW:
        yield 0, text
        return
    for start in range(0, len(text.text) - _OVERLAP, WINDOW - _OVERLAP):
        yield start, replace(text, text=text.text[start : start + WINDOW])


def _joined(parts: list[Assessment], language: str) -> Assessment:
    """One assessment of all windows: the highest of each figure, every span once."""
    spans = sorted({span for part in parts for span in part.spans}, key=lambda s: (s.start, s.end, s.reason))
    return replace(
        max(parts, key=lambda part: part.score),
        kinds={kind: max(part.kinds[kind] for part in parts) for kind in parts[0].kinds},
        spans=tuple(spans),
        language=language,
        child_safety_context=any(part.child_safety_context for part in parts),
    )
