from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from storage import migrations
from storage.database import Database
from storage.migrations import REVISIONS, VERSION_TABLE
from storage.models import Base


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    return ScriptDirectory.from_config(config)


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": VERSION_TABLE,
            "compare_type": True,
            "include_name": lambda name, type_, _: (
                not (type_ == "table" and name.startswith("search"))
            ),
        },
    )
    return list(compare_metadata(context, Base.metadata))


def test_the_named_revisions_are_those_that_are_there() -> None:
    walked = [script.revision for script in scripts().walk_revisions()]
    assert tuple(reversed(walked)) == REVISIONS


def test_every_migration_is_in_the_package() -> None:
    folder = Path(migrations.__file__).parent
    assert (folder / "script.py.mako").is_file()
    assert len(list((folder / "versions").glob("0*.py"))) == len(REVISIONS)


def test_the_migrations_make_what_the_models_describe(database: Database) -> None:
    with database.reading() as tx:
        assert differences(tx.connection()) == []


def test_every_constraint_has_the_name_the_models_give_it(database: Database) -> None:
    with database.reading() as tx:
        found = inspect(tx.connection())
        for table in Base.metadata.sorted_tables:
            keys = {key["name"] for key in found.get_foreign_keys(table.name)}
            assert keys == {key.name for key in table.foreign_key_constraints}
            if database.dialect == "postgresql":  # SQLite drops the name beside AUTOINCREMENT
                assert found.get_pk_constraint(table.name)["name"] == table.primary_key.name
            checks = {check["name"] for check in found.get_check_constraints(table.name)}
            assert len(checks) == (table.name == "version")


@pytest.mark.parametrize("name", ["article", "version", "change", "message"])
def test_an_id_that_was_cited_is_not_given_again(sqlite_database: Database, name: str) -> None:
    with sqlite_database.reading() as tx:
        made = tx.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name})
    assert "AUTOINCREMENT" in made


def test_the_search_index_finds_a_word_with_and_without_its_accent(
    sqlite_database: Database,
) -> None:
    with sqlite_database.transaction() as tx:
        tx.execute(text("INSERT INTO search (rowid, text) VALUES (7, 'Café in Zürich')"))
        found = tx.scalars(text("SELECT rowid FROM search WHERE search MATCH 'cafe zurich'"))
        assert found.all() == [7]
        tx.execute(text("DELETE FROM search WHERE rowid = 7"))
        assert tx.scalar(text("SELECT count(*) FROM search WHERE search MATCH 'cafe'")) == 0
