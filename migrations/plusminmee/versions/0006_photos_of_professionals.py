"""Photos of professionals. The telephone numbers that people typed go: from now on it is the one that they proved at the broker."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A table of its own: SQLite would have to write the professionals anew, to whom half of the other tables refer.
    op.create_table(
        "professional_photos",
        sa.Column("professional_id", sa.Uuid(), nullable=False),
        sa.Column("square", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professionals.id"], name=op.f("fk_professional_photos_professional_id")
        ),
        sa.PrimaryKeyConstraint("professional_id", name=op.f("pk_professional_photos")),
    )
    op.execute("UPDATE professionals SET phone = ''")


def downgrade() -> None:
    op.drop_table("professional_photos")
