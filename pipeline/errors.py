"""Errors of the pipeline; the class decides what happens next, and the command line turns it into an exit code.

NightlightError
├── Refused        a mandate, a permission or a policy says no            exit 3
├── Unavailable    a server or a file system failed; retried              exit 1
├── Corrupt        one item can't be used; set aside with the reason      exit 1
├── Conflict       somebody else changed it first; both versions stay     exit 1
├── NotFound       no such thing                                          exit 1
├── BadInput       the caller asked for something that can't be           exit 2
└── Misconfigured  the set-up is wrong; nothing starts                    exit 1
"""


class NightlightError(Exception):
    """Base of every error the pipeline raises on purpose; its text is one sentence that says what to do."""


class Refused(NightlightError):
    """A mandate, a permission or a policy says no; nothing was done."""


class Unavailable(NightlightError):
    """A server or a file system failed; the same call may succeed later."""


class Corrupt(NightlightError):
    """One item can't be used as it is."""


class Conflict(NightlightError):
    """It changed since it was read; nothing was written."""


class NotFound(NightlightError):
    """No such thing."""


class BadInput(NightlightError):
    """The request makes no sense as it stands."""


class Misconfigured(NightlightError):
    """The set-up is wrong; nothing starts."""
