"""Which language a text is in: py3langid among the languages we meet, "und" where that would be a guess."""

from functools import lru_cache

from py3langid.langid import LanguageIdentifier

LANGUAGES = (
    "en", "de", "ru", "es", "fr", "it", "pt", "nl", "pl", "cs", "sv", "tr", "uk", "bg",
    "ar", "fa", "he", "el", "zh", "ja", "ko", "vi", "id", "ro", "hu", "fi",
)  # fmt: skip
UNDETERMINED = "und"
_MIN_LETTERS = 12
_MIN_CONFIDENCE = 0.5
_MAX_CHARS = 400
# One script, one language: no model is needed. Ranges of the main Unicode blocks.
_SCRIPTS = (("ko", 0xAC00, 0xD7A3), ("ja", 0x3040, 0x30FF), ("el", 0x0370, 0x03FF), ("he", 0x0590, 0x05FF))


def identify(text: str) -> str:
    """The ISO 639-1 code of the text's language, or "und" for short or doubtful texts."""
    head = text[:_MAX_CHARS]
    letters = [char for char in head if char.isalpha()]
    if len(letters) < _MIN_LETTERS:
        return UNDETERMINED
    if not head.isascii() and (found := _by_script(letters)) is not None:
        return found
    code, confidence = _identifier().classify("".join(char for char in head if not 0xD800 <= ord(char) <= 0xDFFF))
    return str(code) if confidence >= _MIN_CONFIDENCE else UNDETERMINED


def _by_script(letters: list[str]) -> str | None:
    for code, first, last in _SCRIPTS:
        if sum(first <= ord(char) <= last for char in letters) * 2 > len(letters):
            return code
    return None


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file("data/model.npz.xz", norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier
