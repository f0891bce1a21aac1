"""Say in a sentence what a database refused: where, what, and what to do. Knows no connection.

What is not the database's state but our own mistake (a broken statement, a violated constraint) is
left as it is.
"""

from sqlalchemy.exc import DBAPIError

from storage.errors import DatabaseFullError, DatabaseUnavailableError, StorageError

_FULL_DISK = "the disk is full; free some space, nothing already stored is lost"
_NO_TABLES = "it holds no tables of ours yet; `parley doctor` makes them"

# Primary result codes, the part of an extended name before any further underscore.
_SQLITE: dict[str, tuple[type[StorageError], str]] = {
    "FULL": (DatabaseFullError, _FULL_DISK),
    "READONLY": (
        DatabaseFullError,
        "it cannot be written to; give this user the right to write the file and its folder",
    ),
    "CANTOPEN": (
        DatabaseUnavailableError,
        "it cannot be opened; check that this user may read and write the file and its folder",
    ),
    "PERM": (DatabaseUnavailableError, "this user may not open it; check the file's permissions"),
    "AUTH": (DatabaseUnavailableError, "this user may not open it; check the file's permissions"),
    "NOTADB": (
        DatabaseUnavailableError,
        "that file is not a database; name another one as `database`, or move the file away",
    ),
    "CORRUPT": (DatabaseUnavailableError, "the file is damaged; restore it from a backup"),
    "IOERR": (
        DatabaseUnavailableError,
        "the disk could not be read or written; check the disk and its free space",
    ),
    "BUSY": (
        DatabaseUnavailableError,
        "another program keeps it locked; end that one (a database browser?) and try again",
    ),
    "PROTOCOL": (
        DatabaseUnavailableError,
        "its locks do not work; keep it on a local disk, not on a network share",
    ),
}

# SQLSTATE, whole or its class (PostgreSQL manual, appendix A).
_POSTGRES: dict[str, tuple[type[StorageError], str]] = {
    "53100": (DatabaseFullError, "the server's disk is full; free some space there"),
    "25006": (DatabaseFullError, "the server is read-only (a standby?); name the primary server"),
    "53300": (DatabaseUnavailableError, "the server has no free connection; raise max_connections"),
    "42501": (DatabaseUnavailableError, "its user lacks a right; grant it ALL on the schema"),
    "42P01": (DatabaseUnavailableError, _NO_TABLES),
    "3D000": (DatabaseUnavailableError, "no such database on that server; create it first"),
    "28": (DatabaseUnavailableError, "user or password is wrong; check `database`"),
    "57P": (DatabaseUnavailableError, "the server is stopping or starting; try again soon"),
    "08": (DatabaseUnavailableError, "the connection was lost; check that the server runs"),
}

# libpq gives no SQLSTATE when connecting fails, only words.
_CONNECTING: tuple[tuple[str, str], ...] = (
    ("password authentication failed", "user or password is wrong; check `database`"),
    ("no password supplied", "the server wants a password; give one in `database`"),
    ("pg_hba.conf", "the server lets this user not in; check its pg_hba.conf"),
    ("does not exist", "no such database or user on that server; create it first"),
    ("too many clients", "the server has no free connection; raise max_connections"),
    ("starting up", "the server is stopping or starting; try again soon"),
    ("shutting down", "the server is stopping or starting; try again soon"),
)


def explain(error: DBAPIError, *, where: str) -> StorageError | None:
    """Give our own error for what a database refused, None where it is not the database's state.

    Args:
        error: As SQLAlchemy raised it.
        where: The database as people know it, without its password.
    """
    seen: BaseException | None = error
    while seen is not None:
        told = _told(seen) if isinstance(seen, DBAPIError) else None
        if told is not None:
            kind, sentence = told
            return kind(f"{where}: {sentence}.")
        # A full disk undoes SQLite's transaction, and rolling back a savepoint of it fails once more.
        seen = seen.__cause__ or seen.__context__
    return None


def _told(error: DBAPIError) -> tuple[type[StorageError], str] | None:
    found = error.orig
    if not isinstance(found, Exception):
        return None
    return _of_sqlite(found) or _of_postgres(found) or _of_connecting(error, found)


def _of_sqlite(found: Exception) -> tuple[type[StorageError], str] | None:
    name = getattr(found, "sqlite_errorname", None)
    if not isinstance(name, str):
        return None
    text = str(found)
    if "no such table" in text:
        return DatabaseUnavailableError, _NO_TABLES
    if "no such module" in text:
        return (
            DatabaseUnavailableError,
            "this Python's SQLite has no full-text search (FTS5); use another Python",
        )
    return _SQLITE.get(name.removeprefix("SQLITE_").split("_")[0])


def _of_postgres(found: Exception) -> tuple[type[StorageError], str] | None:
    state = getattr(found, "sqlstate", None)
    if not isinstance(state, str):
        return None
    return _POSTGRES.get(state) or _POSTGRES.get(state[:3]) or _POSTGRES.get(state[:2])


def _of_connecting(error: DBAPIError, found: Exception) -> tuple[type[StorageError], str] | None:
    if error.connection_invalidated:
        return _POSTGRES["08"]
    if type(found).__name__ not in {"OperationalError", "ConnectionTimeout"}:
        return None
    if not hasattr(found, "sqlstate") or error.statement is not None:
        return None
    text = str(found)
    for words, sentence in _CONNECTING:
        if words in text:
            return DatabaseUnavailableError, sentence
    return (
        DatabaseUnavailableError,
        "the server does not answer; check its address and that it runs",
    )
