"""Run migrations on the connection that `storage.database` gives, or on `-x database=URL`."""

from alembic import context
from sqlalchemy import Connection, create_engine

from storage.migrations import VERSION_TABLE
from storage.models import Base


def include_name(name: str | None, type_: str, parent_names: object) -> bool:  # noqa: ARG001 - Alembic's signature
    """Leave the search index alone: each database has its own, made by hand."""
    return not (type_ == "table" and name is not None and name.startswith("search"))


def run(connection: Connection) -> None:
    """Run what was asked for, inside the connection's own transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=include_name,
        version_table=VERSION_TABLE,
        render_as_batch=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if isinstance(given, Connection):
    run(given)
else:
    engine = create_engine(context.get_x_argument(as_dictionary=True)["database"])
    with engine.begin() as opened:
        run(opened)
    engine.dispose()
