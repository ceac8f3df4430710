"""The driver's errors, said in the domain's words: nothing above this package knows asyncpg."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from domain.errors import Conflict, DomainError, Invalid, Unavailable

#: The server went away, is starting or stopping, or is out of room: the same may work later.
LOST: tuple[type[BaseException], ...] = (
    OSError,  # TimeoutError is one of them
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # stopping, starting, a statement over its time
    asyncpg.InsufficientResourcesError,  # disk full, too many connections
    asyncpg.TransactionRollbackError,  # deadlock, serialisation: the other one won
    asyncpg.LockNotAvailableError,
    asyncpg.PostgresSystemError,  # SQLSTATE 58: the server's own input and output failed
    asyncpg.InternalClientError,  # what asyncpg says of a connection cut within an answer
)
#: What the driver raises when something fails, of the connection or of the statement.
DRIVER = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

DISK_FULL = "the server's disk is full: nothing can be stored until there is room"
#: What a person did when a constraint refuses: told in his words.
SENTENCES = {
    "commune_name_key": "a commune of this name is already there",
    "person_sign_in": "this sign-in is taken",
    "unit_commune_id_call_sign_key": "another unit has this call sign",
    "prefect_order_commune_id_number_key": "an order of this number is already recorded",
    "camera_commune_id_number_key": "another camera has this number",
    "sensor_commune_id_name_key": "another sensor has this name",
    "wall_name": "another wall has this name",
    "wall_layout_name": "another layout of yours has this name",
    "shift_running": "this device is already on a shift",
}


def is_lost(error: BaseException) -> bool:
    """Tell whether ``error`` says that the connection, not the statement, failed."""
    if isinstance(error, LOST):
        return True
    # asyncpg has no class for a connection that was lost between two statements. It says "closed",
    # or that the pool has taken the lost one back.
    words = ("closed", "released back to the pool")
    return isinstance(error, asyncpg.InterfaceError) and any(word in str(error) for word in words)


def translate(error: Exception) -> DomainError | None:
    """Give the domain error that ``error`` means; None for a mistake of the program."""
    if is_lost(error):
        full = isinstance(error, asyncpg.DiskFullError)
        return Unavailable(DISK_FULL if full else "the database does not answer")
    if isinstance(error, asyncpg.UniqueViolationError):
        constraint = error.constraint_name or ""
        return Conflict(SENTENCES.get(constraint, f"it is already there ({constraint})"))
    if isinstance(error, asyncpg.ForeignKeyViolationError):
        return Conflict("what it names is not there (any more)")
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return Invalid(f"a value is refused ({error.constraint_name or error.sqlstate})")
    # A zero byte, half of a surrogate pair, a number or a date that PostgreSQL has no room for.
    if isinstance(error, asyncpg.DataError | UnicodeEncodeError | OverflowError):
        return Invalid("a value can't be stored: it holds what the database has no form for")
    return None


@contextmanager
def translated() -> Iterator[None]:
    """Raise domain errors instead of the driver's."""
    try:
        yield
    except DomainError:
        raise
    except (*DRIVER, ValueError) as error:
        if (meaning := translate(error)) is None:
            raise
        raise meaning from error
