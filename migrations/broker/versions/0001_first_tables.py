"""The first tables: people and organisations, requests, tasks and grants, sessions and keys, outbox and audit.

Why: there was nothing yet. What must never be broken is held here and not only by the rules: unique keys on what is open or living, checks
on every state, and triggers that refuse to change what has ended, what was asked and what was audited. The downgrade takes
everything away and keeps nothing.
"""

import sqlalchemy as sa
from alembic import op

from broker import unchanging
from broker.audit import append_only
from broker.database import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.Column("actor_kind", sa.String(length=12), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_label", sa.String(length=64), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("source_digest", sa.String(length=64), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.create_index("ix_audit_events_happened_at", ["happened_at", "id"], unique=False)
        batch_op.create_index("ix_audit_events_subject_id", ["subject_id"], unique=False)

    op.create_table(
        "catalogue_applied",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("applied_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_catalogue_applied_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_applied")),
    )
    op.create_table(
        "client_assertions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_client_assertions")),
    )
    with op.batch_alter_table("client_assertions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_client_assertions_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "one_time_links",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_links")),
    )
    with op.batch_alter_table("one_time_links", schema=None) as batch_op:
        batch_op.create_index(
            "uq_one_time_links_open",
            ["kind", "subject_id"],
            unique=True,
            sqlite_where=sa.text("used_at IS NULL AND revoked_at IS NULL"),
            postgresql_where=sa.text("used_at IS NULL AND revoked_at IS NULL"),
        )

    op.create_table(
        "organisations",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("kbo", sa.String(length=10), nullable=True),
        sa.Column("ovo", sa.String(length=9), nullable=True),
        sa.Column("nis", sa.String(length=5), nullable=True),
        sa.Column("target_group", sa.String(length=10), nullable=False),
        sa.Column("organisation_type", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_fr", sa.String(), nullable=False),
        sa.Column("province", sa.String(), nullable=False),
        sa.Column("parent_nis", sa.String(length=5), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_organisations_end_has_reason")),
        sa.CheckConstraint(
            "successor_id IS NULL OR (successor_id <> id AND ended_at IS NOT NULL)",
            name=op.f("ck_organisations_successor"),
        ),
        sa.ForeignKeyConstraint(["successor_id"], ["organisations.id"], name=op.f("fk_organisations_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
    )
    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.create_index("ix_organisations_kind", ["target_group", "organisation_type", "name"], unique=False)
        batch_op.create_index(
            "uq_organisations_code",
            ["code"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "outbox_messages",
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("link", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("only_if", sa.String(), nullable=True),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(length=36), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("handing_over_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'leased', 'sent', 'dead', 'dropped')", name=op.f("ck_outbox_messages_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_messages")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_outbox_messages_idempotency_key")),
    )
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_messages_due",
            ["next_attempt_at", "id"],
            unique=False,
            sqlite_where=sa.text("status IN ('pending', 'leased')"),
            postgresql_where=sa.text("status IN ('pending', 'leased')"),
        )
        batch_op.create_index(
            "ix_outbox_messages_order",
            ["subject_id", "created_at"],
            unique=False,
            sqlite_where=sa.text("status IN ('pending', 'leased')"),
            postgresql_where=sa.text("status IN ('pending', 'leased')"),
        )

    op.create_table(
        "persons",
        sa.Column("sub", sa.String(length=40), nullable=False),
        sa.Column("given_name", sa.String(), nullable=False),
        sa.Column("family_name", sa.String(), nullable=False),
        sa.Column("name_source", sa.String(length=10), nullable=False),
        sa.Column("number_sealed", sa.String(), nullable=True),
        sa.Column("number_hash", sa.String(length=64), nullable=True),
        sa.Column("number_hash_version", sa.String(length=32), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("email_source", sa.String(length=10), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("phone_source", sa.String(length=10), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name=op.f("ck_persons_merged")),
        sa.CheckConstraint(
            "state IN ('unlinked', 'matched', 'doubted', 'merged', 'erased')", name=op.f("ck_persons_state")
        ),
        sa.CheckConstraint("(email IS NULL) = (email_source IS NULL)", name=op.f("ck_persons_email_source")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["persons.id"], name=op.f("fk_persons_merged_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
        sa.UniqueConstraint("sub", name=op.f("uq_persons_sub")),
    )
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.create_index(
            "uq_persons_number",
            ["number_hash_version", "number_hash"],
            unique=True,
            sqlite_where=sa.text("merged_into_id IS NULL AND number_hash IS NOT NULL"),
            postgresql_where=sa.text("merged_into_id IS NULL AND number_hash IS NOT NULL"),
        )

    op.create_table(
        "sign_in_attempts",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("provider_code", sa.String(length=40), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier_sealed", sa.String(), nullable=False),
        sa.Column("requested_level", sa.Integer(), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("application_code", sa.String(length=40), nullable=True),
        sa.Column("return_path", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempts")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_sign_in_attempts_state_hash")),
    )
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_attempts_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("algorithm", sa.String(length=5), nullable=False),
        sa.Column("private_sealed", sa.Text(), nullable=False),
        sa.Column("public_jwk", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("signing_from", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.Column("gone_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("algorithm IN ('RS256', 'ES256')", name=op.f("ck_signing_keys_algorithm")),
        sa.CheckConstraint("(retired_at IS NULL) = (gone_at IS NULL)", name=op.f("ck_signing_keys_retired_goes")),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_keys")),
    )
    with op.batch_alter_table("signing_keys", schema=None) as batch_op:
        batch_op.create_index(
            "uq_signing_keys_newest",
            ["algorithm"],
            unique=True,
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        )

    op.create_table(
        "noted_keys",
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("check_value", sa.String(length=64), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_noted_keys")),
    )
    op.create_table(
        "suppressed_addresses",
        sa.Column("address_key", sa.String(length=64), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("address_key", name=op.f("pk_suppressed_addresses")),
    )
    op.create_table(
        "access_requests",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("identity_source", sa.String(length=12), nullable=False),
        sa.Column("given_name", sa.String(), nullable=False),
        sa.Column("family_name", sa.String(), nullable=False),
        sa.Column("number_sealed", sa.String(), nullable=True),
        sa.Column("number_masked", sa.String(length=20), nullable=True),
        sa.Column("number_hash", sa.String(length=64), nullable=True),
        sa.Column("number_hash_version", sa.String(length=32), nullable=True),
        sa.Column("applicant_key", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_limit_key", sa.String(length=64), nullable=False),
        sa.Column("email_proved_at", UtcDateTime(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("entitlement_code", sa.String(length=100), nullable=False),
        sa.Column("application_code", sa.String(length=40), nullable=False),
        sa.Column("right_code", sa.String(length=60), nullable=False),
        sa.Column("context_code", sa.String(length=60), nullable=False),
        sa.Column("target_group", sa.String(length=10), nullable=False),
        sa.Column("organisation_type", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("replaces_grant_id", sa.Uuid(), nullable=True),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("source_key", sa.String(length=64), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("decide_before", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(identity_source = 'digital_key') = (person_id IS NOT NULL)", name=op.f("ck_access_requests_identity")
        ),
        sa.CheckConstraint("(status = 'unproved') = (opened_at IS NULL)", name=op.f("ck_access_requests_opened")),
        sa.CheckConstraint(
            "(status IN ('unproved', 'open')) = (closed_at IS NULL)", name=op.f("ck_access_requests_closed")
        ),
        sa.CheckConstraint(
            "status <> 'rejected' OR (reason IS NOT NULL AND reason <> '')",
            name=op.f("ck_access_requests_rejected_with_reason"),
        ),
        sa.CheckConstraint(
            "status IN ('unproved', 'open', 'approved', 'rejected', 'withdrawn', 'expired', 'cancelled')",
            name=op.f("ck_access_requests_status"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_access_requests_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_access_requests_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_requests")),
        sa.UniqueConstraint("number", name=op.f("uq_access_requests_number")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_access_requests_submission_id")),
    )
    with op.batch_alter_table("access_requests", schema=None) as batch_op:
        batch_op.create_index("ix_access_requests_limit", ["email_limit_key", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_access_requests_number_hash"), ["number_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_access_requests_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_access_requests_status", ["status", "created_at"], unique=False)
        batch_op.create_index(
            "uq_access_requests_open",
            ["applicant_key", "organisation_id", "right_code", "context_code"],
            unique=True,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )

    op.create_table(
        "affiliations",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("email_source", sa.String(length=10), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_affiliations_end_has_reason")),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until > valid_from", name=op.f("ck_affiliations_ends_after_begin")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_affiliations_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_affiliations_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_affiliations")),
        sa.UniqueConstraint("id", "person_id", "organisation_id", name="uq_affiliations_triple"),
    )
    with op.batch_alter_table("affiliations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_affiliations_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(
            "uq_affiliations_living",
            ["person_id", "organisation_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "audit_seals",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["audit_events.id"], name=op.f("fk_audit_seals_event_id")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_seals_event_id")),
    )
    op.create_table(
        "audit_sources",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["audit_events.id"], name=op.f("fk_audit_sources_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_audit_sources")),
    )
    op.create_table(
        "browser_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("provider_code", sa.String(length=40), nullable=False),
        sa.Column("acr", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("amr", sa.JSON(), nullable=False),
        sa.Column("auth_time", UtcDateTime(), nullable=False),
        sa.Column("given_name", sa.String(), nullable=True),
        sa.Column("family_name", sa.String(), nullable=True),
        sa.Column("number_sealed", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(length=20), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_browser_sessions_end_has_reason")
        ),
        sa.CheckConstraint(
            "ended_at IS NULL OR number_sealed IS NULL", name=op.f("ck_browser_sessions_number_goes_with_it")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_browser_sessions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_browser_sessions_token_hash")),
    )
    with op.batch_alter_table("browser_sessions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_browser_sessions_living",
            ["last_seen"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_browser_sessions_person_id"), ["person_id"], unique=False)

    op.create_table(
        "consents",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_consents_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index("ix_consents_person", ["person_id", "client_id"], unique=False)

    op.create_table(
        "identity_links",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("provider_code", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("linked_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_identity_links_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_links")),
    )
    with op.batch_alter_table("identity_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_links_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_identity_links_living",
            ["issuer", "subject"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "labels",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("application_code", sa.String(length=40), nullable=False),
        sa.Column("label_code", sa.String(length=60), nullable=False),
        sa.Column("target_group", sa.String(length=10), nullable=False),
        sa.Column("organisation_type", sa.String(length=40), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("valid_until", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by IS NULL)", name=op.f("ck_labels_approved_by_somebody")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_labels_end_has_reason")),
        sa.ForeignKeyConstraint(["approved_by"], ["persons.id"], name=op.f("fk_labels_approved_by")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_labels_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
    )
    with op.batch_alter_table("labels", schema=None) as batch_op:
        batch_op.create_index(
            "uq_labels_living",
            ["organisation_id", "label_code", "target_group", "organisation_type"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "mandates",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("scope_key", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("target_group", sa.String(length=10), nullable=True),
        sa.Column("organisation_type", sa.String(length=40), nullable=True),
        sa.Column("application_code", sa.String(length=40), nullable=True),
        sa.Column("appointed_by", sa.Uuid(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("end_note", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'application_owner') = (application_code IS NOT NULL)", name=op.f("ck_mandates_owner_scope")
        ),
        sa.CheckConstraint(
            "(kind = 'target_group_officer') = (target_group IS NOT NULL AND organisation_type IS NOT NULL)",
            name=op.f("ck_mandates_officer_scope"),
        ),
        sa.CheckConstraint(
            "(kind IN ('head_local_admin', 'local_admin')) = (organisation_id IS NOT NULL)",
            name=op.f("ck_mandates_local_scope"),
        ),
        sa.CheckConstraint(
            "kind IN ('head_local_admin', 'local_admin', 'target_group_officer', 'application_owner')",
            name=op.f("ck_mandates_kind"),
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_mandates_end_has_reason")),
        sa.CheckConstraint(
            "appointed_by IS NULL OR appointed_by <> person_id", name=op.f("ck_mandates_not_by_oneself")
        ),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until > valid_from", name=op.f("ck_mandates_ends_after_begin")
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_mandates_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_mandates_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandates")),
    )
    with op.batch_alter_table("mandates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mandates_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_mandates_scope", ["scope_key"], unique=False)
        batch_op.create_index(
            "uq_mandates_living",
            ["person_id", "kind", "scope_key"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "person_numbers",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        sa.Column("number_hash_version", sa.String(length=32), nullable=False),
        sa.Column("replaced_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_person_numbers_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_numbers")),
    )
    with op.batch_alter_table("person_numbers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_numbers_person_id"), ["person_id"], unique=False)
        batch_op.create_index("uq_person_numbers_number", ["number_hash_version", "number_hash"], unique=True)

    op.create_table(
        "client_sessions",
        sa.Column("browser_session_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("application_code", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("provider_code", sa.String(length=40), nullable=False),
        sa.Column("acr", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("amr", sa.JSON(), nullable=False),
        sa.Column("auth_time", UtcDateTime(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoke_reason", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoke_reason IS NULL)", name=op.f("ck_client_sessions_revoke_has_reason")
        ),
        sa.ForeignKeyConstraint(
            ["browser_session_id"], ["browser_sessions.id"], name=op.f("fk_client_sessions_browser_session_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_client_sessions_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_client_sessions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_sessions")),
    )
    with op.batch_alter_table("client_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_client_sessions_browser_session_id"), ["browser_session_id"], unique=False)
        batch_op.create_index("ix_client_sessions_person", ["person_id", "client_id", "created_at"], unique=False)

    op.create_table(
        "grants",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("affiliation_id", sa.Uuid(), nullable=False),
        sa.Column("application_code", sa.String(length=40), nullable=False),
        sa.Column("right_code", sa.String(length=60), nullable=False),
        sa.Column("context_code", sa.String(length=60), nullable=False),
        sa.Column("role_key", sa.String(), nullable=True),
        sa.Column("label_code", sa.String(length=60), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("given_by", sa.Uuid(), nullable=True),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_grants_end_has_reason")),
        sa.CheckConstraint("given_by IS NULL OR given_by <> person_id", name=op.f("ck_grants_not_for_yourself")),
        sa.CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name=op.f("ck_grants_ends_after_begin")),
        sa.ForeignKeyConstraint(
            ["affiliation_id", "person_id", "organisation_id"],
            ["affiliations.id", "affiliations.person_id", "affiliations.organisation_id"],
            name="fk_grants_affiliation",
        ),
        sa.ForeignKeyConstraint(["given_by"], ["persons.id"], name=op.f("fk_grants_given_by")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_grants_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_grants_person_id")),
        sa.ForeignKeyConstraint(["request_id"], ["access_requests.id"], name=op.f("fk_grants_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sa.UniqueConstraint("request_id", name=op.f("uq_grants_request_id")),
    )
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grants_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grants_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_grants_role",
            ["role_key"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL AND role_key IS NOT NULL"),
            postgresql_where=sa.text("ended_at IS NULL AND role_key IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_grants_same",
            ["person_id", "organisation_id", "right_code", "context_code"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "organisation_proposals",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("target_group", sa.String(length=10), nullable=False),
        sa.Column("organisation_type", sa.String(length=40), nullable=False),
        sa.Column("kbo", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("representative", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("refused_reason", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(decided_at IS NOT NULL) = (organisation_id IS NOT NULL OR refused_reason IS NOT NULL)",
            name=op.f("ck_organisation_proposals_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_organisation_proposals_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["access_requests.id"], name=op.f("fk_organisation_proposals_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_proposals")),
        sa.UniqueConstraint("request_id", name=op.f("uq_organisation_proposals_request_id")),
    )
    op.create_table(
        "authorization_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("client_session_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(length=80), nullable=False),
        sa.Column("redirect_uri", sa.String(), nullable=False),
        sa.Column("code_challenge", sa.String(length=43), nullable=True),
        sa.Column("nonce", sa.String(), nullable=True),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_session_id"], ["client_sessions.id"], name=op.f("fk_authorization_codes_client_session_id")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_authorization_codes")),
    )
    with op.batch_alter_table("authorization_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_authorization_codes_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "tasks",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("label_id", sa.Uuid(), nullable=True),
        sa.Column("proposal_id", sa.Uuid(), nullable=True),
        sa.Column("pool_key", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("target_group", sa.String(length=10), nullable=False),
        sa.Column("organisation_type", sa.String(length=40), nullable=False),
        sa.Column("application_code", sa.String(length=40), nullable=False),
        sa.Column("applicant_person_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("decision", sa.String(length=10), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("in_place_of_administrator", sa.Boolean(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("close_reason", sa.String(length=20), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'request' AND request_id IS NOT NULL AND label_id IS NULL AND proposal_id IS NULL) OR (kind = 'label' AND request_id IS NULL AND label_id IS NOT NULL AND proposal_id IS NULL) OR (kind = 'admission' AND request_id IS NULL AND label_id IS NULL AND proposal_id IS NOT NULL)",
            name=op.f("ck_tasks_about_one_thing"),
        ),
        sa.CheckConstraint("(claimed_by IS NULL) = (claimed_until IS NULL)", name=op.f("ck_tasks_claim_ends")),
        sa.CheckConstraint("(closed_at IS NULL) = (close_reason IS NULL)", name=op.f("ck_tasks_close_has_reason")),
        sa.CheckConstraint("(decision IS NULL) = (decided_by IS NULL)", name=op.f("ck_tasks_decided_by_somebody")),
        sa.CheckConstraint("decision IS NULL OR closed_at IS NOT NULL", name=op.f("ck_tasks_decided_is_closed")),
        sa.ForeignKeyConstraint(["claimed_by"], ["persons.id"], name=op.f("fk_tasks_claimed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["persons.id"], name=op.f("fk_tasks_decided_by")),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_tasks_label_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_tasks_organisation_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["organisation_proposals.id"], name=op.f("fk_tasks_proposal_id")),
        sa.ForeignKeyConstraint(["request_id"], ["access_requests.id"], name=op.f("fk_tasks_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index("ix_tasks_decided", ["pool_key", "closed_at", "id"], unique=False)
        batch_op.create_index(
            "ix_tasks_inbox",
            ["pool_key", "opened_at", "id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_tasks_kind",
            ["target_group", "organisation_type", "opened_at", "id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "uq_tasks_label",
            ["label_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL AND label_id IS NOT NULL"),
            postgresql_where=sa.text("closed_at IS NULL AND label_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_tasks_request",
            ["request_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL AND request_id IS NOT NULL"),
            postgresql_where=sa.text("closed_at IS NULL AND request_id IS NOT NULL"),
        )
    for statement in _guards("install_sql"):
        op.execute(statement)


def downgrade() -> None:
    for statement in _guards("remove_sql"):
        op.execute(statement)
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_tasks_request",
            sqlite_where=sa.text("closed_at IS NULL AND request_id IS NOT NULL"),
            postgresql_where=sa.text("closed_at IS NULL AND request_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "uq_tasks_label",
            sqlite_where=sa.text("closed_at IS NULL AND label_id IS NOT NULL"),
            postgresql_where=sa.text("closed_at IS NULL AND label_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_tasks_kind", sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")
        )
        batch_op.drop_index(
            "ix_tasks_inbox", sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL")
        )
        batch_op.drop_index("ix_tasks_decided")

    op.drop_table("tasks")
    with op.batch_alter_table("authorization_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_authorization_codes_expires_at"))

    op.drop_table("authorization_codes")
    op.drop_table("organisation_proposals")
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_grants_same", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")
        )
        batch_op.drop_index(
            "uq_grants_role",
            sqlite_where=sa.text("ended_at IS NULL AND role_key IS NOT NULL"),
            postgresql_where=sa.text("ended_at IS NULL AND role_key IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_grants_person_id"))
        batch_op.drop_index(batch_op.f("ix_grants_organisation_id"))

    op.drop_table("grants")
    with op.batch_alter_table("client_sessions", schema=None) as batch_op:
        batch_op.drop_index("ix_client_sessions_person")
        batch_op.drop_index(batch_op.f("ix_client_sessions_browser_session_id"))

    op.drop_table("client_sessions")
    with op.batch_alter_table("person_numbers", schema=None) as batch_op:
        batch_op.drop_index("uq_person_numbers_number")
        batch_op.drop_index(batch_op.f("ix_person_numbers_person_id"))

    op.drop_table("person_numbers")
    with op.batch_alter_table("mandates", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_mandates_living", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")
        )
        batch_op.drop_index("ix_mandates_scope")
        batch_op.drop_index(batch_op.f("ix_mandates_person_id"))

    op.drop_table("mandates")
    with op.batch_alter_table("labels", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_labels_living", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")
        )

    op.drop_table("labels")
    with op.batch_alter_table("identity_links", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_identity_links_living",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_identity_links_person_id"))

    op.drop_table("identity_links")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index("ix_consents_person")

    op.drop_table("consents")
    with op.batch_alter_table("browser_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_browser_sessions_person_id"))
        batch_op.drop_index(
            "ix_browser_sessions_living",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("browser_sessions")
    op.drop_table("audit_sources")
    op.drop_table("audit_seals")
    with op.batch_alter_table("affiliations", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_affiliations_living",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_affiliations_organisation_id"))

    op.drop_table("affiliations")
    with op.batch_alter_table("access_requests", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_access_requests_open",
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )
        batch_op.drop_index("ix_access_requests_status")
        batch_op.drop_index(batch_op.f("ix_access_requests_person_id"))
        batch_op.drop_index(batch_op.f("ix_access_requests_number_hash"))
        batch_op.drop_index("ix_access_requests_limit")

    op.drop_table("access_requests")
    op.drop_table("suppressed_addresses")
    op.drop_table("noted_keys")
    with op.batch_alter_table("signing_keys", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_signing_keys_newest",
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        )

    op.drop_table("signing_keys")
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_attempts_expires_at")

    op.drop_table("sign_in_attempts")
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_persons_number",
            sqlite_where=sa.text("merged_into_id IS NULL AND number_hash IS NOT NULL"),
            postgresql_where=sa.text("merged_into_id IS NULL AND number_hash IS NOT NULL"),
        )

    op.drop_table("persons")
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_messages_order",
            sqlite_where=sa.text("status IN ('pending', 'leased')"),
            postgresql_where=sa.text("status IN ('pending', 'leased')"),
        )
        batch_op.drop_index(
            "ix_outbox_messages_due",
            sqlite_where=sa.text("status IN ('pending', 'leased')"),
            postgresql_where=sa.text("status IN ('pending', 'leased')"),
        )

    op.drop_table("outbox_messages")
    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_organisations_code",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_organisations_kind")

    op.drop_table("organisations")
    with op.batch_alter_table("one_time_links", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_one_time_links_open",
            sqlite_where=sa.text("used_at IS NULL AND revoked_at IS NULL"),
            postgresql_where=sa.text("used_at IS NULL AND revoked_at IS NULL"),
        )

    op.drop_table("one_time_links")
    with op.batch_alter_table("client_assertions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_client_assertions_expires_at"))

    op.drop_table("client_assertions")
    op.drop_table("catalogue_applied")
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_events_subject_id")
        batch_op.drop_index("ix_audit_events_happened_at")

    op.drop_table("audit_events")


def _guards(which: str) -> list[str]:
    dialect = op.get_bind().dialect.name
    return [*getattr(append_only, which)(dialect), *getattr(unchanging, which)(dialect, since=revision)]
