"""The one error tree of the product: each error is named by what could not be done, and says what to do next.

Stages and platform packages derive from these; the interfaces map them to HTTP, exit codes and pages once.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One thing that is wrong with one field of the input."""

    field: str
    message: str


class KairoError(Exception):
    """Something expected went wrong; `str(error)` is safe to show to the person who asked.

    `code` is a stable word that programs may compare; `retryable` says whether the same call may succeed later.
    """

    code = "error"
    retryable = False

    def __init__(self, message: str, *, code: str | None = None, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.errors = errors
        if code is not None:
            self.code = code


class NotFound(KairoError):
    """The thing is not there, or belongs to somebody else: the two are never told apart."""

    code = "not_found"


class Unauthenticated(KairoError):
    """No credentials, or credentials that are not valid any more."""

    code = "unauthenticated"


class Forbidden(KairoError):
    """The thing is yours, but your role may not do this to it."""

    code = "forbidden"


class Conflict(KairoError):
    """The thing is in a state that does not allow this."""

    code = "conflict"


class Gone(KairoError):
    """This way of asking was retired; the message names the new one."""

    code = "gone"


class VersionConflict(KairoError):
    """Somebody else changed the thing first."""

    code = "version_conflict"


class TooLarge(KairoError):
    """The input is larger than the stated bound."""

    code = "too_large"


class Invalid(KairoError):
    """The input is well-formed but cannot be accepted; `errors` lists the fields."""

    code = "invalid"


class TooMany(KairoError):
    """Too many calls; `retry_after_s` says when to come back."""

    code = "rate_limited"
    retryable = True

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(KairoError):
    """Something that Kairo stands on is away for now."""

    code = "unavailable"
    retryable = True
