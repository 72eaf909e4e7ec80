"""Judge texts: the whole of nlp behind one class."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from nlp import artifact, evidence, shipped
from nlp.artifact import Manifest
from nlp.assessment import Assessment, Span, Text
from nlp.errors import Corrupt
from nlp.exemplars import Likeness
from nlp.explain import clues
from nlp.features import Batch, matrix, prepare
from nlp.language import identify
from nlp.lexicon import plain
from nlp.model import Model
from nlp.sealed import Sealed
from nlp.taxonomy import TARGETS

MODELS = Path(__file__).parent / "models"
WINDOW = 1_000
_OVERLAP = 200
# Characters judged at once: few enough that all arrays stay in the processor's cache.
_BATCH_CHARS = 100_000
# From this probability on evidence is sought, flagged or not: a person may come to look at the text.
_EXPLAINED = 0.1


@dataclass(frozen=True, slots=True)
class _Window:
    """A part of a text: the number of the text, and where the part begins in it."""

    number: int
    start: int
    text: Text


class Classifier:
    """A loaded model. `assess` never raises for any text, and gives the same answer for it in any batch."""

    def __init__(self, manifest: Manifest, model: Model, sealed: Sealed | None = None) -> None:
        self._manifest = manifest
        self._model = model
        self._sealed = sealed

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

    def with_sealed(self, sealed: Sealed) -> "Classifier":
        """The same model, which also marks the terms of an agency's sealed lists."""
        return Classifier(self._manifest, self._model, sealed)

    def flagging_from(self, threshold: float) -> "Classifier":
        """The same model with a threshold of at least this much: for reviewers who can't look at all it would flag."""
        own = replace(self._manifest, threshold=max(self.threshold, threshold))
        return Classifier(own, self._model, self._sealed)

    def scores(self, texts: Sequence[Text]) -> list[float]:
        """The first stage alone: the score of each text, in order, without evidence or language."""
        highest = [0.0] * len(texts)
        for windows in _batches(texts):
            read = prepare([window.text for window in windows])
            scores = self._model.scores(matrix(read), read.named).tolist()
            for window, score in zip(windows, scores, strict=True):
                highest[window.number] = max(highest[window.number], score)
        return highest

    def assess(self, texts: Sequence[Text]) -> list[Assessment]:
        """One assessment per text, in order; in texts longer than WINDOW the worst of overlapping windows counts."""
        parts: list[list[tuple[Text, Assessment]]] = [[] for _ in texts]
        for windows in _batches(texts):
            read = prepare([window.text for window in windows])
            rows = self._model.probabilities(matrix(read), read.named).tolist()
            for place, (window, row) in enumerate(zip(windows, rows, strict=True)):
                parts[window.number].append((window.text, self._judged(read, place, window, row)))
        judged = [self._joined(found, identify(text.text)) for found, text in zip(parts, texts, strict=True)]
        if not self._sealed:
            return judged
        marked = zip(judged, self._sealed.spans([text.text for text in texts]), strict=True)
        return [replace(one, spans=_in_order({*one.spans, *more})) if more else one for one, more in marked]

    @cached_property
    def _likeness(self) -> Likeness:
        return Likeness(self._model)

    def _judged(self, read: Batch, place: int, window: _Window, row: list[float]) -> Assessment:
        score, *rest = row
        flagged = score >= self.threshold
        child_safety = bool(read.concepts[place, _concept(evidence.CHILD_SAFETY)])
        spans = tuple(evidence.child_safety_spans(read.read[place], read.hits_of(place))) if child_safety else ()
        if flagged or score >= _EXPLAINED:
            spans += self._evidence(read, place, window.text.text)
        spans = tuple(Span(span.start + window.start, span.end + window.start, span.reason) for span in spans)
        return Assessment(
            score=score,
            flagged=flagged,
            kinds=dict(zip(self._model.kinds, rest, strict=True)),
            spans=_in_order(set(spans)),
            language="",
            child_safety_context=child_safety,
            model=self.model_id,
            targets=tuple(name for name in TARGETS if read.concepts[place, _concept(name)]),
        )

    def _joined(self, parts: Sequence[tuple[Text, Assessment]], language: str) -> Assessment:
        """One assessment of all windows; only the worst one is explained, which costs far more than to judge it."""
        text, worst = max(parts, key=lambda part: part[1].score)
        one = _highest(worst, [part for _, part in parts], language)
        if not one.flagged:
            return one
        return replace(one, clues=clues(text, self._model), exemplars=self._likeness.nearest(text))

    def _evidence(self, read: Batch, place: int, text: str) -> tuple[Span, ...]:
        spans = tuple(evidence.rule_spans(read.read[place], read.hits_of(place)))
        if spans:
            return spans
        told = evidence.wording(text, self.scores)
        return (told,) if told else ()


def _concept(name: str) -> int:
    return plain().concepts.index(name)


def _batches(texts: Sequence[Text]) -> Iterator[list[_Window]]:
    """The windows of all texts, about _BATCH_CHARS at once."""
    batch: list[_Window] = []
    size = 0
    for number, text in enumerate(texts):
        for window in _windows(number, text):
            batch.append(window)
            size += len(window.text.text)
            if size >= _BATCH_CHARS:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


def _windows(number: int, text: Text) -> Iterator[_Window]:
    if len(text.text) <= WINDOW:
        yield _Window(number, 0, text)
        return
    for start in range(0, len(text.text) - _OVERLAP, WINDOW - _OVERLAP):
        yield _Window(number, start, replace(text, text=text.text[start : start + WINDOW]))


def _in_order(spans: Collection[Span]) -> tuple[Span, ...]:
    return tuple(sorted(spans, key=lambda span: (span.start, span.end, span.reason)))


def _highest(worst: Assessment, parts: Sequence[Assessment], language: str) -> Assessment:
    """The worst window with the highest of each figure, and every span once."""
    if len(parts) == 1:
        return replace(worst, language=language)
    return replace(
        worst,
        kinds={kind: max(part.kinds[kind] for part in parts) for kind in worst.kinds},
        spans=_in_order({span for part in parts for span in part.spans}),
        language=language,
        child_safety_context=any(part.child_safety_context for part in parts),
        targets=tuple(name for name in TARGETS if any(name in part.targets for part in parts)),
    )
