"""The migrations and the models say the same, up and down, with rows in every table."""

import re
from pathlib import Path
from threading import Timer
from time import monotonic

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

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


LONGER_THAN_AN_OPERATION_WAITS = 5.5  # seconds; BUSY_TIMEOUT_MS, and the limit of a migration for a table, are less


def test_an_upgrade_waits_for_another_one_longer_than_an_operation_would(engine: Engine) -> None:
    with engine.execution_options(changing=True).connect() as another:
        another.begin()
        if engine.dialect.name == "postgresql":
            another.execute(text("SELECT pg_advisory_xact_lock(4712026)"))
        done = Timer(LONGER_THAN_AN_OPERATION_WAITS, another.commit)
        began = monotonic()
        done.start()
        schema.upgrade(engine)
        assert monotonic() - began > LONGER_THAN_AN_OPERATION_WAITS
        done.join()
    with engine.connect() as connection:
        assert schema.current_revision(connection) == schema.newest_revision()


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


def test_rights_and_tasks_survive_the_way_to_suspension_and_reports_and_back(engine: Engine) -> None:
    schema.upgrade(engine, "0005")
    fill(engine)
    before = triggers(engine)
    organisation, person, job, grant, label, report = (
        "0123456789abcdef0123456789abcdef",
        "fedcba9876543210fedcba9876543210",
        *(f"0000000000000000000000000000000{n}" for n in (1, 4, 5, 6)),
    )
    then = "2026-11-17 08:00:00"
    of_task = {
        "organisation_id": organisation,
        "pool_key": "x",
        "target_group": "LB",
        "organisation_type": "gemeente",
        "application_code": "cultuurmonitor",
        "opened_at": then,
        "in_place_of_administrator": "0",
        "version": "1",
    }
    with engine.begin() as connection:
        insert(
            connection,
            "grants",
            id=grant,
            person_id=person,
            organisation_id=organisation,
            affiliation_id=job,
            application_code="cultuurmonitor",
            right_code="invoerder",
            context_code="",
            given_at=then,
            valid_from=then,
        )
        insert(
            connection,
            "labels",
            id=label,
            organisation_id=organisation,
            application_code="cultuurmonitor",
            label_code="deelnemer",
            target_group="LB",
            organisation_type="gemeente",
            asked_at=then,
        )
        insert(connection, "tasks", id=label, kind="label", label_id=label, **of_task)
    schema.upgrade(engine, "0006")
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT suspended_from FROM grants")) is None
        insert(connection, "reports", id=report, grant_id=grant, reporter_id=person, note="vertrokken", created_at=then)
        insert(connection, "tasks", id=report, kind="report", report_id=report, **of_task)
        connection.execute(text(f"UPDATE grants SET suspended_from = '{then}', suspended_by = '{person}'"))
    assert triggers(engine) > before
    schema.downgrade(engine, "0005")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM grants")) == 1
        assert connection.scalars(text("SELECT kind FROM tasks")).all() == ["label"]
    assert triggers(engine) == before


def test_what_was_asked_by_link_is_forgotten_on_the_way_back_and_nothing_else(engine: Engine) -> None:
    schema.upgrade(engine, "0010")
    fill(engine)
    organisation, person, job, mandate, asked = (
        "0123456789abcdef0123456789abcdef",
        "fedcba9876543210fedcba9876543210",
        *(f"0000000000000000000000000000000{n}" for n in (1, 4, 5)),
    )
    then = "2026-11-17 08:00:00"
    with engine.begin() as connection:
        insert(
            connection,
            "mandates",
            id=mandate,
            person_id=person,
            kind="local_admin",
            scope_key="x",
            organisation_id=organisation,
            valid_from=then,
        )
        insert(
            connection,
            "asked_facts",
            id=asked,
            affiliation_id=job,
            organisation_id=organisation,
            asked_by=person,
            mandate_id=mandate,
            reasons="{}",
            asked_at=then,
            expires_at=then,
        )
        for kind in ("ask_number", "tracking"):
            insert(
                connection,
                "one_time_links",
                id=mandate if kind == "tracking" else asked,
                kind=kind,
                subject_id=asked,
                nonce="n",
                issued_at=then,
                expires_at=then,
            )
    before = triggers(engine)
    schema.downgrade(engine, "0009")
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT kind FROM one_time_links")).all() == ["tracking"]
        assert connection.scalar(text("SELECT count(*) FROM mandates")) == 1
    assert triggers(engine) == before
    schema.upgrade(engine, "0010")


def insert(connection: Connection, table: str, **values: object) -> None:
    """One row, written so that both databases read the values as what their columns are."""
    written = ", ".join(f"'{value}'" for value in values.values())
    connection.execute(text(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({written})"))


def insert_account(connection: Connection, account: str, person: str, then: str) -> None:
    """The local account of a person, as it has been since 0013."""
    insert(
        connection,
        "local_accounts",
        id=account,
        person_id=person,
        user_name="nele",
        wrong_codes="0",
        links_sent="0",
        created_at=then,
    )


def test_mandates_survive_the_way_to_deputies_and_the_helpdesk_and_back(engine: Engine) -> None:
    schema.upgrade(engine, "0006")
    fill(engine)
    before = triggers(engine)
    organisation, person, deputy, mandate, helpdesk, deputyship = (
        "0123456789abcdef0123456789abcdef",
        "fedcba9876543210fedcba9876543210",
        *(f"0000000000000000000000000000000{n}" for n in (7, 4, 5, 6)),
    )
    then = "2026-11-17 08:00:00"
    with engine.begin() as connection:
        insert(
            connection,
            "persons",
            id=deputy,
            sub="cd",
            given_name="Eva",
            family_name="Janssens",
            name_source="verified",
            language="nl",
            state="matched",
            created_at=then,
        )
        insert(
            connection,
            "mandates",
            id=mandate,
            person_id=person,
            kind="local_admin",
            scope_key="org:x",
            organisation_id=organisation,
            valid_from=then,
        )
    schema.upgrade(engine, "0007")
    with engine.begin() as connection:
        insert(
            connection,
            "mandates",
            id=helpdesk,
            person_id=person,
            kind="helpdesk",
            scope_key="helpdesk",
            valid_from=then,
        )
        insert(
            connection,
            "deputies",
            id=deputyship,
            mandate_id=mandate,
            holder_person_id=person,
            deputy_person_id=deputy,
            valid_from=then,
            ended_at=then,
            end_reason="holder_back",
        )
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text("UPDATE deputies SET ended_at = NULL, end_reason = NULL"))
    assert triggers(engine) == before | {"deputies_ended_is_over"}
    schema.downgrade(engine, "0006")
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT kind FROM mandates")).all() == ["local_admin"]
    assert triggers(engine) == before
    schema.upgrade(engine)


def test_a_right_survives_its_campaign_being_forgotten(engine: Engine) -> None:
    """0008 down and up: campaigns and items go, rights stay; what was confirmed cannot change meanwhile."""
    schema.upgrade(engine, "0008")
    fill(engine)
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO grants (id, person_id, organisation_id, affiliation_id, application_code, right_code, context_code,"
            " given_at, valid_from, end_notices, suspension_begun) VALUES ('00000000000000000000000000000004',"
            " 'fedcba9876543210fedcba9876543210', '0123456789abcdef0123456789abcdef', '00000000000000000000000000000001',"
            " 'cultuurmonitor', 'invoerder', '', '2026-11-17 08:00:00', '2026-11-17 08:00:00', 0, false)",
            "INSERT INTO recertification_campaigns (id, application_code, organisation_id, period, unconfirmed, opened_at,"
            " due_at, reminders) VALUES ('00000000000000000000000000000005', 'cultuurmonitor',"
            " '0123456789abcdef0123456789abcdef', '2027', 'end', '2027-03-01 08:00:00', '2027-04-13 22:00:00', 0)",
            "INSERT INTO campaign_items (id, campaign_id, grant_id, person_id, outcome, decided_at)"
            " VALUES ('00000000000000000000000000000006', '00000000000000000000000000000005',"
            " '00000000000000000000000000000004', 'fedcba9876543210fedcba9876543210', 'by_policy', '2027-04-13 22:00:00')",
        ):
            connection.execute(text(statement))
    with pytest.raises(DBAPIError, match="never changes"), engine.begin() as connection:
        connection.execute(text("UPDATE campaign_items SET outcome = NULL, decided_at = NULL"))
    schema.downgrade(engine, "0007")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM grants")) == 1
    assert "campaign_items" not in inspect(engine).get_table_names()
    schema.upgrade(engine, "0008")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM recertification_campaigns")) == 0


def test_a_number_that_waits_is_forgotten_on_the_way_back_and_the_account_stays(engine: Engine) -> None:
    """0016 down: the number stays as it was, and the link to stop the change opens nothing any more."""
    schema.upgrade(engine, "0015")
    fill(engine)
    organisation, person = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
    administrator, account, change = (f"{n:032x}" for n in (2, 3, 4))
    then = "2026-11-17 08:00:00"
    with engine.begin() as connection:
        insert(
            connection,
            "persons",
            id=administrator,
            sub="cd",
            given_name="Ilse",
            family_name="Maes",
            name_source="verified",
            language="nl",
            state="matched",
            created_at=then,
        )
        insert_account(connection, account, person, then)
    schema.upgrade(engine, "0016")
    row = {
        "account_id": account,
        "person_id": person,
        "organisation_id": organisation,
        "asked_at": then,
        "takes_effect_at": "2026-11-18 08:00:00",
        "number_sealed": "x",
    }
    with engine.begin() as connection:
        insert(connection, "phone_changes", id=change, asked_by=administrator, **row)
        for kind, link in (("stop_number", 5), ("set_password", 6)):
            insert(
                connection,
                "one_time_links",
                id=f"{link:032x}",
                kind=kind,
                subject_id=change,
                nonce="n",
                issued_at=then,
                expires_at=then,
            )
    for refused in ({"id": f"{7:032x}", "asked_by": administrator}, {"id": f"{8:032x}", "asked_by": person}):
        with pytest.raises(DBAPIError), engine.begin() as connection:
            insert(connection, "phone_changes", **refused, **row)
    schema.downgrade(engine, "0015")
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT kind FROM one_time_links")).all() == ["set_password"]
        assert connection.scalars(text("SELECT user_name FROM local_accounts")).all() == ["nele"]
    schema.upgrade(engine, "0016")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM phone_changes")) == 0


def test_an_address_that_waits_is_forgotten_on_the_way_back_and_the_account_stays(engine: Engine) -> None:
    """0018 down: the address stays as it was, and the link that would prove the other one opens nothing any more."""
    schema.upgrade(engine, "0017")
    fill(engine)
    person, account, change = "fedcba9876543210fedcba9876543210", f"{3:032x}", f"{4:032x}"
    then = "2026-11-17 08:00:00"
    with engine.begin() as connection:
        insert_account(connection, account, person, then)
    schema.upgrade(engine, "0018")
    row = {"account_id": account, "person_id": person, "asked_at": then}
    with engine.begin() as connection:
        insert(connection, "email_changes", id=change, address_sealed="x", **row)
        for kind, link in (("prove_email", 5), ("set_password", 6)):
            insert(
                connection,
                "one_time_links",
                id=f"{link:032x}",
                kind=kind,
                subject_id=change,
                nonce="n",
                issued_at=then,
                expires_at=then,
            )
    over = {"ended_at": then, "outcome": "lapsed"}
    for refused in ({"address_sealed": "x"}, {"address_sealed": "x", **over}, {"ended_at": then}):
        with pytest.raises(DBAPIError), engine.begin() as connection:
            insert(connection, "email_changes", id=f"{7:032x}", **refused, **row)
    with engine.begin() as connection:
        insert(connection, "email_changes", id=f"{7:032x}", **over, **row)
    schema.downgrade(engine, "0017")
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT kind FROM one_time_links")).all() == ["set_password"]
        assert connection.scalars(text("SELECT user_name FROM local_accounts")).all() == ["nele"]
    schema.upgrade(engine, "0018")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM email_changes")) == 0


def test_what_was_asked_for_a_colleague_is_forgotten_on_the_way_back_and_other_tasks_stay(engine: Engine) -> None:
    """0017 down: an administrator keeps every other task, and no task may be of a kind that nobody knows any more."""
    schema.upgrade(engine, "0016")
    fill(engine)
    before = triggers(engine)
    organisation, person = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
    job, grant, label, nomination, colleague_s = (f"{n:032x}" for n in (1, 2, 3, 4, 5))
    then = "2026-11-17 08:00:00"
    of_task = {
        "organisation_id": organisation,
        "pool_key": "x",
        "target_group": "LB",
        "organisation_type": "gemeente",
        "application_code": "cultuurmonitor",
        "opened_at": then,
        "in_place_of_administrator": "0",
        "version": "1",
        "reminders": "0",
    }
    with engine.begin() as connection:
        insert(
            connection,
            "grants",
            id=grant,
            person_id=person,
            organisation_id=organisation,
            affiliation_id=job,
            application_code="cultuurmonitor",
            right_code="invoerder",
            context_code="",
            given_at=then,
            valid_from=then,
            end_notices="0",
            suspension_begun="0",
        )
        insert(
            connection,
            "labels",
            id=label,
            organisation_id=organisation,
            application_code="cultuurmonitor",
            label_code="deelnemer",
            target_group="LB",
            organisation_type="gemeente",
            asked_at=then,
        )
        insert(connection, "tasks", id=label, kind="label", label_id=label, **of_task)
    schema.upgrade(engine, "0017")
    named = {
        "application_code": "plusminmee",
        "organisation_id": organisation,
        "nominated_by": person,
        "grant_id": grant,
        "given_name": "Sanne",
        "family_name": "Bakker",
        "email": "sanne@voorbeeld.test",
        "note": "Zij werkt mee.",
        "created_at": then,
    }
    with engine.begin() as connection:
        insert(connection, "nominations", id=nomination, **named)
        insert(connection, "tasks", id=nomination, kind="nomination", nomination_id=nomination, **of_task)
    with pytest.raises(DBAPIError), engine.begin() as connection:
        insert(connection, "nominations", id=colleague_s, settled_at=then, **named)
    with pytest.raises(DBAPIError), engine.begin() as connection:
        insert(connection, "tasks", id=colleague_s, kind="nomination", nomination_id=nomination, **of_task)
    assert triggers(engine) == before
    schema.downgrade(engine, "0016")
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT kind FROM tasks")).all() == ["label"]
        assert connection.scalar(text("SELECT count(*) FROM grants")) == 1
    assert triggers(engine) == before
    schema.upgrade(engine, "0017")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM nominations")) == 0


def test_local_accounts_go_and_their_people_are_invited_anew(engine: Engine) -> None:
    """0013 down: nobody stays somebody who can sign in by a way that is gone; who has a digital key keeps it."""
    schema.upgrade(engine)
    with engine.begin() as connection:
        for number, name in enumerate(("sanne", "nele"), start=1):
            connection.execute(
                text(
                    "INSERT INTO persons (id, sub, given_name, family_name, name_source, language, state, created_at)"
                    f" VALUES ('{number:032x}', '{name}', 'S', 'B', 'entered', 'nl', 'matched', '2026-11-17 08:00:00')"
                )
            )
            connection.execute(
                text(
                    "INSERT INTO local_accounts (id, person_id, user_name, wrong_codes, links_sent, created_at)"
                    f" VALUES ('{number + 8:032x}', '{number:032x}', '{name}', 0, 0, '2026-11-17 08:00:00')"
                )
            )
        connection.execute(
            text(
                "INSERT INTO identity_links (id, person_id, provider_code, issuer, subject, linked_at)"
                f" VALUES ('{20:032x}', '{2:032x}', 'itsme', 'https://a', 'b', '2026-11-17 08:00:00')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO one_time_links (id, kind, subject_id, nonce, issued_at, expires_at)"
                f" VALUES ('{21:032x}', 'set_password', '{9:032x}', 'n', '2026-11-17 08:00:00', '2026-11-20 08:00:00')"
            )
        )
    schema.downgrade(engine, "0012")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT sub, state FROM persons ORDER BY sub"))
        assert [tuple(row) for row in rows] == [("nele", "matched"), ("sanne", "unlinked")]
        assert connection.scalar(text("SELECT count(*) FROM one_time_links")) == 0
    schema.upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM local_accounts")) == 0


def test_passkeys_go_and_their_account_stays(engine: Engine) -> None:
    """0015 down and up: whoever had one types a code again."""
    schema.upgrade(engine)
    fill(engine)
    person, account, then = "fedcba9876543210fedcba9876543210", f"{9:032x}", "2026-11-17 08:00:00"
    with engine.begin() as connection:
        insert_account(connection, account, person, then)
        insert(
            connection,
            "passkeys",
            id=f"{10:032x}",
            account_id=account,
            credential_id="a",
            public_key="b",
            sign_count=2**32 - 1,
            verifies_user=True,
            name="telefoon",
            created_at=then,
        )
        insert(connection, "passkey_challenges", browser_hash="c", challenge="d", expires_at=then)
    schema.downgrade(engine, "0014")
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT user_name FROM local_accounts")).all() == ["nele"]
    assert not {"passkeys", "passkey_challenges"} & set(inspect(engine).get_table_names())
    schema.upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM passkeys")) == 0
