"""An administrator who is away has a deputy; a decision says for whom it was made; and a helpdesk may look up.

Why: open tasks go with somebody who is absent, to a colleague who decides them and nothing else. A deputyship refers to a mandate
and its holder together, so that no deputy of a deputy can be written. The kinds of mandate gain the helpdesk. The downgrade forgets
deputyships and for whom somebody decided, and deletes the mandates of the helpdesk.
"""

import sqlalchemy as sa
from alembic import op

from broker import unchanging
from broker.database import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KINDS_BEFORE = "kind IN ('head_local_admin', 'local_admin', 'target_group_officer', 'application_owner')"
_KINDS_NOW = "kind IN ('head_local_admin', 'local_admin', 'target_group_officer', 'application_owner', 'helpdesk')"


def upgrade() -> None:
    _allow_kinds(_KINDS_NOW)
    op.create_index("uq_mandates_holder", "mandates", ["id", "person_id"], unique=True)
    op.create_table(
        "deputies",
        sa.Column("mandate_id", sa.Uuid(), nullable=False),
        sa.Column("holder_person_id", sa.Uuid(), nullable=False),
        sa.Column("deputy_person_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.CheckConstraint("deputy_person_id <> holder_person_id", name=op.f("ck_deputies_somebody_else")),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_deputies_end_has_reason")),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until > valid_from", name=op.f("ck_deputies_ends_after_begin")
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id", "holder_person_id"], ["mandates.id", "mandates.person_id"], name="fk_deputies_mandate"
        ),
        sa.ForeignKeyConstraint(["deputy_person_id"], ["persons.id"], name=op.f("fk_deputies_deputy_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputies")),
    )
    op.create_index(op.f("ix_deputies_deputy_person_id"), "deputies", ["deputy_person_id"])
    living = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_deputies_living",
        "deputies",
        ["mandate_id", "deputy_person_id"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )
    op.add_column("tasks", sa.Column("on_behalf_of", sa.Uuid(), nullable=True))
    _run(unchanging.install_sql(_dialect(), since=revision))


def downgrade() -> None:
    _run(unchanging.remove_sql(_dialect(), since=revision))
    op.drop_column("tasks", "on_behalf_of")
    op.drop_index("uq_deputies_living", "deputies")
    op.drop_index("ix_deputies_deputy_person_id", "deputies")
    op.drop_table("deputies")
    op.drop_index("uq_mandates_holder", "mandates")
    op.execute("DELETE FROM mandates WHERE kind = 'helpdesk'")
    _allow_kinds(_KINDS_BEFORE)


def _allow_kinds(condition: str) -> None:
    """SQLite rewrites the table for it, and a table that is rewritten loses its triggers."""
    with op.batch_alter_table("mandates", recreate="auto") as mandates:
        mandates.drop_constraint(op.f("ck_mandates_kind"), type_="check")
        mandates.create_check_constraint(op.f("ck_mandates_kind"), condition)
    _run(unchanging.put_back_sql(_dialect(), ("mandates",), below=revision))


def _run(statements: list[str]) -> None:
    for statement in statements:
        op.execute(statement)


def _dialect() -> str:
    return op.get_bind().dialect.name
