"""Which HTTP status a refusal has, in whichever process it is answered (RFC 9457)."""

from http import HTTPStatus

from domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from domain.streams import (
    BadSessionDescription,
    ManyConnecting,
    NoCommonCodec,
    PictureUnreadable,
    SentTooFast,
    StaleSession,
)
from mobile_api.bodies import BadJson, TooLarge, WrongMediaType

#: The nearest class in an error's family decides.
STATUS_BY_ERROR: dict[type[DomainError], HTTPStatus] = {
    BadJson: HTTPStatus.BAD_REQUEST,
    BadSessionDescription: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    NoCommonCodec: HTTPStatus.NOT_ACCEPTABLE,
    Conflict: HTTPStatus.CONFLICT,
    StaleSession: HTTPStatus.PRECONDITION_FAILED,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    WrongMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    DomainError: HTTPStatus.UNPROCESSABLE_ENTITY,
}


def status_of(error: DomainError) -> HTTPStatus:
    """Give the status of the nearest class that has one."""
    return next(STATUS_BY_ERROR[cls] for cls in type(error).__mro__ if cls in STATUS_BY_ERROR)


def headers_of(error: DomainError) -> dict[str, str]:
    """What the answer says beside the problem: when to come back."""
    if isinstance(error, TooMany | ManyConnecting | PictureUnreadable | SentTooFast):
        return {"Retry-After": str(error.retry_after_s)}
    return {}
