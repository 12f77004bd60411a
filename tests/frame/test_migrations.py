"""The migrations and the models say the same, up and down, with rows in every table."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Engine, inspect, text

from broker import schema, unchanging
from broker.audit import append_only
from broker.tables import metadata
from tests.worlds.databases import engine_of


@pytest.fixture
def engine(bare_database_url: str) -> Engine:
    """An engine on a database that holds nothing."""
    return engine_of(bare_database_url)


def test_the_migrations_make_what_the_models_say(engine: Engine) -> None:
    schema.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, metadata) == []
        assert schema.current_revision(connection) == schema.newest_revision()


def test_partial_indexes_and_checks_are_the_same_too(engine: Engine) -> None:
    """Alembic compares neither: they are what holds "one role per user"."""
    schema.upgrade(engine)
    found = inspect(engine)
    for table in metadata.sorted_tables:
        checks = {check["name"] for check in found.get_check_constraints(table.name)}
        expected = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
        assert checks == expected, table.name
        partial = {
            index["name"]
            for index in found.get_indexes(table.name)
            if any(option.endswith("_where") for option in index.get("dialect_options", {}))
        }
        assert partial == {
            index.name for index in table.indexes if index.dialect_options[engine.dialect.name]["where"] is not None
        }, table.name


def triggers(engine: Engine) -> set[str]:
    """The names of the triggers that are there."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            rows = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        else:
            rows = connection.execute(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))
        return {row[0] for row in rows}


def test_every_trigger_is_there_at_the_newest_migration(engine: Engine) -> None:
    """A table that SQLite rewrites loses its triggers: the migration that does so puts them back."""
    schema.upgrade(engine)
    dialect = engine.dialect.name
    wanted = set()
    for statement in [*append_only.install_sql(dialect), *unchanging.install_sql(dialect)]:
        wanted |= set(re.findall(r"CREATE TRIGGER (\w+)", statement))
    assert triggers(engine) == wanted
    assert len(wanted) >= 8


def test_down_and_up_again_with_rows_leaves_a_database_that_works(engine: Engine) -> None:
    schema.upgrade(engine)
    fill(engine)
    schema.downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    assert triggers(engine) == set()
    schema.upgrade(engine)
    fill(engine)


def test_a_second_upgrade_changes_nothing(engine: Engine) -> None:
    schema.upgrade(engine)
    fill(engine)
    schema.upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM organisations")) == 1


def test_every_migration_says_why(repository: Path) -> None:
    files = sorted((repository / "migrations" / "broker" / "versions").glob("*.py"))
    assert files
    for file in files:
        docstring = file.read_text().split('"""')[1]
        assert "Why:" in docstring, file.name
        assert "downgrade" in docstring, file.name


def fill(engine: Engine) -> None:
    """A few rows with references between them."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO organisations (id, code, target_group, organisation_type, name, name_fr, province,"
                " search_text, created_at)"
                " VALUES ('0123456789abcdef0123456789abcdef', '0999000012', 'LB', 'gemeente', 'Genk', '', '', 'genk',"
                " '2026-11-17 08:00:00')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO persons (id, sub, given_name, family_name, name_source, language, state, created_at)"
                " VALUES ('fedcba9876543210fedcba9876543210', 'ab', 'Nele', 'Vercauteren', 'verified', 'nl', 'matched',"
                " '2026-11-17 08:00:00')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO affiliations (id, person_id, organisation_id, valid_from, ended_at, end_reason)"
                " VALUES ('00000000000000000000000000000001', 'fedcba9876543210fedcba9876543210',"
                " '0123456789abcdef0123456789abcdef', '2026-11-17 08:00:00', '2026-11-17 09:00:00', 'left')"
            )
        )


def test_every_table_is_gathered(repository: Path) -> None:
    """A table that is not gathered would be in no migration."""
    found = set()
    for file in (repository / "broker").rglob("*.py"):
        found |= set(re.findall(r'^    __tablename__ = "(\w+)"', file.read_text(), re.M))
    assert found == set(metadata.tables)


def test_a_session_survives_the_way_to_refresh_families_and_back(engine: Engine) -> None:
    schema.upgrade(engine, "0001")
    fill(engine)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO browser_sessions (id, token_hash, person_id, provider_code, acr, level, amr, auth_time,"
                " given_name, family_name, created_at, last_seen)"
                " VALUES ('00000000000000000000000000000002', 'x', 'fedcba9876543210fedcba9876543210', 'itsme', 'a', 27,"
                " '[]', '2026-11-17 08:00:00', 'Nele', 'V', '2026-11-17 08:00:00', '2026-11-17 08:00:00')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO client_sessions (id, browser_session_id, client_id, application_code, person_id,"
                " provider_code, acr, level, amr, auth_time, scopes, generation, created_at, expires_at)"
                " VALUES ('00000000000000000000000000000003', '00000000000000000000000000000002', 'c', 'cultuurmonitor',"
                " 'fedcba9876543210fedcba9876543210', 'itsme', 'a', 27, '[]', '2026-11-17 08:00:00', 'openid', 1,"
                " '2026-11-17 08:00:00', '2026-11-17 16:00:00')"
            )
        )
        connection.execute(text("INSERT INTO client_assertions VALUES ('abc', '2026-11-17 08:10:00')"))
    schema.upgrade(engine, "0002")
    with engine.connect() as connection:
        row = connection.execute(text("SELECT generation, offline, refresh_expires_at FROM client_sessions")).one()
    assert (row.generation, bool(row.offline), row.refresh_expires_at) == (1, False, None)
    schema.downgrade(engine, "0001")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT generation FROM client_sessions")) == 1
        assert connection.scalar(text("SELECT count(*) FROM client_assertions")) == 0
