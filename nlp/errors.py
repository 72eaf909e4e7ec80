"""Errors of nlp."""


class NlpError(Exception):
    """Base of every error nlp raises on purpose."""


class Corrupt(NlpError):
    """The input or the artifact can't be used as it is; the message says what to do."""
