"""Telling an outage of the database or of Redis from a message's own fault: an outage pauses, a fault counts."""

import asyncpg
from redis import exceptions as redis_errors
from sqlalchemy import exc as sql_errors

#: SQLSTATE classes that blame the server, not the statement (PostgreSQL Appendix A): connection, resources, operator
#: intervention, system, and transaction rollback (deadlock, serialisation), which only asks to be run again.
_SERVER_CLASSES = ("08", "53", "57", "58", "40")
_READ_ONLY = "25006"
_IDLE_IN_TRANSACTION = "25P03"

_REDIS = (
    redis_errors.ConnectionError,
    redis_errors.TimeoutError,
    redis_errors.BusyLoadingError,
    redis_errors.ReadOnlyError,
    redis_errors.OutOfMemoryError,
    redis_errors.ClusterDownError,
    redis_errors.MasterDownError,
)
_PLAIN = (ConnectionError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError, sql_errors.TimeoutError)


def is_outage(error: BaseException | None) -> bool:
    """Whether the database or Redis is to blame, looking through causes and driver wrappers."""
    seen = 0
    while error is not None and seen < 8:
        if isinstance(error, (*_REDIS, *_PLAIN)):
            return True
        if isinstance(error, sql_errors.DBAPIError) and error.connection_invalidated:
            return True
        state = getattr(error, "sqlstate", None)
        if isinstance(state, str) and (state[:2] in _SERVER_CLASSES or state in (_READ_ONLY, _IDLE_IN_TRANSACTION)):
            return True
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError | PermissionError):
            return True
        error = getattr(error, "orig", None) or error.__cause__
        seen += 1
    return False


def is_unstorable(error: BaseException | None) -> bool:
    """Whether the asker's own value is to blame: SQLSTATE class 22, like a NUL in a text or a number out of range."""
    seen = 0
    while error is not None and seen < 8:
        state = getattr(error, "sqlstate", None)
        if isinstance(error, asyncpg.DataError) or (isinstance(state, str) and state.startswith("22")):
            return True
        error = getattr(error, "orig", None) or error.__cause__
        seen += 1
    return False
