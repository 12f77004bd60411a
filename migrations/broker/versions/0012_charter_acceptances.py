"""Who agreed to which version of the charter of an application, and when.

Why: every user of the Jeugdmonitor is bound by its charter (seed 000, step 4): asking for access is agreeing, and a new version is put
before each person at their next sign-in. A signed-in person's yes stands with the person; on a request stands which version was read.
The downgrade forgets both; who signs in after the next upgrade is asked again.
"""

import sqlalchemy as sa
from alembic import op

from broker import unchanging
from broker.database import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "charter_acceptances",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("application_code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("accepted_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_charter_acceptances_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charter_acceptances")),
        sa.UniqueConstraint("person_id", "application_code", "version", name="uq_charter_acceptances_version"),
    )
    op.add_column("access_requests", sa.Column("charter_version", sa.String(length=40), nullable=True))
    for statement in unchanging.install_sql(op.get_bind().dialect.name, since=revision):
        op.execute(statement)


def downgrade() -> None:
    for statement in unchanging.remove_sql(op.get_bind().dialect.name, since=revision):
        op.execute(statement)
    op.drop_column("access_requests", "charter_version")
    op.drop_table("charter_acceptances")
