"""What can be refused, in the users' words: one family, turned into HTTP in one place.

``code`` is the contract (the last part of the problem's ``type``, RFC 9457 section 3.1.1) and keeps
its meaning; ``title`` may be reworded. The text of an instance says what was wrong this time.
"""

from typing import ClassVar


class DomainError(Exception):
    """Something the trade refuses; its subclasses say what."""

    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "This is not possible"


class Invalid(DomainError):
    """A value that has no meaning here: out of range, malformed, contradictory."""

    code = "invalid"
    title = "A value is not valid"


class NotFound(DomainError):
    """No such thing, or not for the one who asks: another commune's things do not exist."""

    code = "not-found"
    title = "There is no such thing here"


class Conflict(DomainError):
    """It can't be done in the state things are in."""

    code = "conflict"
    title = "Not possible in this state"


class Forbidden(DomainError):
    """It exists, and the one who asks may not do this with it."""

    code = "forbidden"
    title = "You are not allowed to do this"


class Unauthenticated(DomainError):
    """Who asks is not known: not signed in, or the token has expired or was revoked."""

    code = "unauthenticated"
    title = "You are not signed in"


class TooMany(DomainError):
    """Asked too often; ``retry_after_s`` says when to try again, in whole seconds."""

    code = "too-many"
    title = "Too many attempts"

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Unavailable(DomainError):
    """A part that is needed does not answer just now; asking again later may work."""

    code = "unavailable"
    title = "This is not available at the moment"
