"""Centres, yearly figures and their log; the two tables of the kit (sessions, kept forms)."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The limits of this revision, written out: a later change of a limit is a later revision.
EVENTS, PEOPLE, FTE_HUNDREDTHS, CENTS = 20_000, 5_000_000, 50_000, 10_000_000_000
MOST = {
    "activities_own": EVENTS,
    "activities_partners": EVENTS,
    "activities_receptive": EVENTS,
    "activities_total": EVENTS,
    "visitors_total": PEOPLE,
    "tickets_paid": PEOPLE,
    "tickets_free": PEOPLE,
    "tickets_total": PEOPLE,
    "hirings_associations": EVENTS,
    "hirings_others": EVENTS,
    "hirings_total": EVENTS,
    "staff_programme": FTE_HUNDREDTHS,
    "staff_support": FTE_HUNDREDTHS,
    "staff_total": FTE_HUNDREDTHS,
    "income_own": CENTS,
    "income_subsidies": CENTS,
    "income_other": CENTS,
    "income_total": CENTS,
    "expense_staff": CENTS,
    "expense_programme": CENTS,
    "expense_running": CENTS,
    "expense_total": CENTS,
}


def upgrade() -> None:
    op.create_table(
        "centres",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_key", sa.String(length=240), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('cultuurcentrum', 'gemeenschapscentrum')", name=op.f("ck_centres_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_centres")),
    )
    op.create_index(
        "uq_centres_open_name",
        "centres",
        ["organisation_code", "name_key"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "year_figures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(length=40), nullable=False),
        sa.Column("saved_by_name", sa.String(length=200), nullable=False),
        *(sa.Column(code, sa.BigInteger(), nullable=True) for code in MOST),
        sa.CheckConstraint("state IN ('draft', 'submitted')", name=op.f("ck_year_figures_state")),
        sa.CheckConstraint("year >= 2015", name=op.f("ck_year_figures_year")),
        *(
            sa.CheckConstraint(f"{code} BETWEEN 0 AND {most}", name=op.f(f"ck_year_figures_{code}"))
            for code, most in MOST.items()
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centres.id"], name=op.f("fk_year_figures_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_figures")),
        sa.UniqueConstraint("centre_id", "year", name=op.f("uq_year_figures_centre_id_year")),
    )
    op.create_table(
        "figure_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("figures_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_sub", sa.String(length=40), nullable=False),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint("kind IN ('saved', 'submitted', 'reopened')", name=op.f("ck_figure_events_kind")),
        sa.ForeignKeyConstraint(["figures_id"], ["year_figures.id"], name=op.f("fk_figure_events_figures_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_events")),
        sa.UniqueConstraint("figures_id", "version", name=op.f("uq_figure_events_figures_id_version")),
    )
    op.create_table(
        "kit_sessions",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("sub", sa.String(length=40), nullable=False),
        sa.Column("organisation_code", sa.String(length=40), nullable=False),
        sa.Column("sealed_tokens", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_kit_sessions")),
    )
    op.create_index("ix_kit_sessions_created_at", "kit_sessions", ["created_at"])
    op.create_table(
        "kit_kept_forms",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("sub", sa.String(length=40), nullable=False),
        sa.Column("organisation_code", sa.String(length=40), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sealed_form", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_kit_kept_forms")),
    )
    op.create_index("ix_kit_kept_forms_created_at", "kit_kept_forms", ["created_at"])


def downgrade() -> None:
    op.drop_table("kit_kept_forms")
    op.drop_table("kit_sessions")
    op.drop_table("figure_events")
    op.drop_table("year_figures")
    op.drop_table("centres")
