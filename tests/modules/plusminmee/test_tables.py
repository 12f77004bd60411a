"""The schema of PlusMinMee: what the migrations make is what the models say, up and down, with data in it."""

import uuid

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import Engine, inspect, text

from modules.kit.database import Database
from modules.kit.session_tables import metadata as kit_metadata
from modules.plusminmee import MIGRATIONS
from modules.plusminmee.model import Base
from tests.modules.plusminmee.visitors import Visitor


def test_the_migrations_make_exactly_the_models(engine: Engine) -> None:
    known = {*Base.metadata.tables, *kit_metadata.tables}
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_object": lambda _o, name, kind, *_rest: kind != "table" or name in known,
            },
        )
        assert compare_metadata(context, [Base.metadata, kit_metadata]) == []


@pytest.mark.usefixtures("member")
def test_every_table_comes_and_goes_with_data_in_it(tool: Flask, engine: Engine, group: uuid.UUID) -> None:
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM memberships")) == 2
    _move(tool, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    _move(tool, "head")
    assert set(inspect(engine).get_table_names()) == {"alembic_version", *Base.metadata.tables, *kit_metadata.tables}


def test_what_is_new_comes_and_goes_with_data_in_it_and_leaves_the_rest(
    tool: Flask, member: Visitor, engine: Engine, group: uuid.UUID
) -> None:
    """A report with its links, a photo and a reason go with their tables; a number that was typed, and proved by nobody, goes when
    the tool learns it from the broker."""
    member.get("/plusminmee/incidenten/nieuw")
    report = {"what": "Verkeerd adres.", "happened_on": "2026-11-16", "leader_email": "chef@voorbeeld.test"}
    assert member.post("/plusminmee/incidenten/nieuw", report).status_code == 200
    somebody = "(SELECT id FROM professionals LIMIT 1)"
    with engine.begin() as connection:
        connection.execute(text(f"INSERT INTO professional_photos VALUES ({somebody}, '{'0' * 32}')"))
        reason = text("INSERT INTO retention_reasons SELECT id, id, :why FROM youth_groups")
        connection.execute(reason, {"why": b"sealed"})
    _move(tool, "0004")
    with engine.begin() as connection:
        connection.execute(text("UPDATE professionals SET phone = '06 12345678'"))
    assert "incident_reports" not in inspect(engine).get_table_names()
    _move(tool, "head")
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT DISTINCT phone FROM professionals")).all() == [""]
        assert connection.scalar(text("SELECT count(*) FROM memberships")) == 2
        for table in ("incident_reports", "incident_links", "professional_photos", "retention_reasons"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table


def test_a_group_that_was_erased_before_leaves_its_counts_and_nobody_s_name(
    tool: Flask, member: Visitor, engine: Engine, group: uuid.UUID
) -> None:
    """0008: its row named who made it; what was written in the moment it was erased goes as well. Other groups stay."""
    _move(tool, "0007")
    erased = uuid.uuid4()
    columns = (
        "organisation_code, organisation_name, name, place, purpose, retain_until, version, created_at, created_by"
    )
    with engine.begin() as connection:
        connection.execute(
            text(
                f"INSERT INTO youth_groups (id, {columns}, erased_at, erased_counts)"
                f" SELECT :id, {columns}, created_at, :counts FROM youth_groups"
            ),
            {"id": erased.hex, "counts": '{"youngsters": 3}'},
        )
        connection.execute(
            text(
                "INSERT INTO invitations (id, group_id, email, email_key, invited_by, invited_at, expires_at)"
                " SELECT :new, :id, email, 'laat@voorbeeld.test', invited_by, invited_at, expires_at FROM invitations"
            ),
            {"new": uuid.uuid4().hex, "id": erased.hex},
        )
    _move(tool, "head")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM youth_groups")) == 1
        assert connection.scalar(text("SELECT count(*) FROM invitations")) == 1
        (row,) = connection.execute(text("SELECT organisation_code, counts FROM erased_groups")).mappings()
    assert row["organisation_code"] == "NLELZEVOORDE"
    assert "3" in str(row["counts"])


def test_a_second_start_changes_nothing(tool: Flask, fatima: Visitor, group: uuid.UUID) -> None:
    tool.extensions["kit_database"].upgrade(MIGRATIONS)
    assert "Groep Stationsplein" in fatima.get("/plusminmee/jeugdgroepen").text


def _move(tool: Flask, revision: str) -> None:
    database: Database = tool.extensions["kit_database"]
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.execution_options(changing=True).connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        (command.upgrade if revision == "head" else command.downgrade)(config, revision)
