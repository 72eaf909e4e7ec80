"""What the classifier says of a text."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """One text to judge, with the little context that may change its meaning.

    text: what the author wrote, quotes left out; may be empty.
    title: the thread's title, or "".
    quoted: what the author quotes, joined by newlines, or ""; context only, never scored as the author's words.
    """

    text: str
    title: str = ""
    quoted: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Evidence: half-open code-point offsets into the *original* `Text.text`, and why it counts.

    reason: a stable reason id such as "offers-bypass"; `nlp.taxonomy.in_words` says it for people.
    """

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Clue:
    """What weighed on the score: a feature in words, and its part of the log-odds (above 0: towards a flag)."""

    words: str
    weight: float


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A labelled example the text is like. id: of the example, never its text. similarity: cosine in [0, 1]."""

    id: str
    label: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """The judgement of one text by one model.

    score: calibrated probability in [0, 1] that the author seeks, shares, trades or boasts of a bypass.
    flagged: score >= the model's threshold.
    kinds: calibrated probability in [0, 1] per taxonomy kind; rows need not sum to 1.
    language: ISO 639-1 code, or "und".
    child_safety_context: clinical, legal or agency terms are present; a hint for a person, never a verdict.
    model: id of the model artifact that said so.
    targets: kinds of system it is about, of `nlp.taxonomy.TARGETS`, told from terms.
    clues: what weighed most on the score, heaviest first; exemplars: the examples it is most like, most alike first. Of
    flagged texts only.
    """

    score: float
    flagged: bool
    kinds: dict[str, float] = field(hash=False)
    spans: tuple[Span, ...]
    language: str
    child_safety_context: bool
    model: str
    targets: tuple[str, ...] = ()
    clues: tuple[Clue, ...] = ()
    exemplars: tuple[Exemplar, ...] = ()
