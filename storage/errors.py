"""What can go wrong with what is stored.

StorageError
├── DatabaseUnavailableError   the database cannot be opened: missing folder, no permission, not a database
├── DatabaseFullError          the disk is full, or the database is read-only
├── SchemaTooNewError          a newer Parleywatch has written this database
├── LeaseHeldError             somebody else visits this site at the moment
├── LeaseLostError             our lease ran out; what we learned since must be thrown away
├── DaemonRunningError         a daemon runs on this database already
├── CorruptTextError           a stored text does not unpack to what its hash says
└── NotFoundError              no article, version or source by that name
"""


class StorageError(Exception):
    """Anything below; its text says where, what, and what to do."""


class DatabaseUnavailableError(StorageError):
    """The database cannot be opened."""


class DatabaseFullError(StorageError):
    """The database cannot be written to."""


class SchemaTooNewError(StorageError):
    """The database was written by a newer version of the program."""


class LeaseHeldError(StorageError):
    """Another process visits this site at the moment."""

    def __init__(self, site: str, owner: str) -> None:
        self.site = site
        self.owner = owner
        super().__init__(f"{site} is being visited by {owner}; try again when that has ended.")


class LeaseLostError(StorageError):
    """The lease on a site ran out or was taken over."""

    def __init__(self, site: str) -> None:
        self.site = site
        super().__init__(f"The lease on {site} was lost; nothing more is stored by this visit.")


class DaemonRunningError(StorageError):
    """A daemon runs on this database already."""


class CorruptTextError(StorageError):
    """A stored text does not unpack to what its hash says."""

    def __init__(self, version_id: int) -> None:
        self.version_id = version_id
        super().__init__(f"Version {version_id} is damaged: restore it from a backup.")


class NotFoundError(StorageError):
    """There is no such article, version or source."""
