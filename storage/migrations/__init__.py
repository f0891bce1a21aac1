"""Alembic migrations, one file per step; released ones never change.

`REVISIONS` names them in order, so that a database at its newest step is opened without Alembic.
"""

from typing import Final

REVISIONS: Final = ("0001",)
"""Every revision, oldest first; the last one is what `storage.models` describes."""

VERSION_TABLE: Final = "parley_version"
"""Where a database keeps its revision; a name of our own, because others may share a PostgreSQL."""
