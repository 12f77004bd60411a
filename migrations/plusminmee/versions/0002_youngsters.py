"""Youngsters, every personal field sealed, and where each was placed when."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "youngsters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("born", sa.LargeBinary(), nullable=True),
        sa.Column("kenteken", sa.LargeBinary(), nullable=True),
        sa.Column("description", sa.LargeBinary(), nullable=True),
        sa.Column("checked_on", sa.LargeBinary(), nullable=True),
        sa.Column("document_kind", sa.String(length=20), nullable=True),
        sa.Column("document_number", sa.LargeBinary(), nullable=True),
        sa.Column("photo", sa.String(length=32), nullable=True),
        sa.Column("photo_square", sa.String(length=32), nullable=True),
        sa.Column("kopstuk", sa.Boolean(), nullable=False),
        sa.Column("traject", sa.Boolean(), nullable=False),
        sa.Column("letter", sa.Boolean(), nullable=False),
        sa.Column("place", sa.String(length=12), nullable=False),
        sa.Column("monitor_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(place = 'monitoring') = (monitor_until IS NOT NULL)", name=op.f("ck_youngsters_monitored")
        ),
        sa.CheckConstraint(
            "document_kind IS NULL OR document_kind IN ('id_card', 'passport', 'driving_licence')",
            name=op.f("ck_youngsters_document_kind"),
        ),
        sa.CheckConstraint(
            "place IN ('plus', 'mee', 'min', 'outside', 'monitoring')", name=op.f("ck_youngsters_place")
        ),
        sa.CheckConstraint("(document_kind IS NULL) = (document_number IS NULL)", name=op.f("ck_youngsters_document")),
        sa.CheckConstraint("(erased_at IS NULL) = (name IS NOT NULL)", name=op.f("ck_youngsters_named")),
        sa.CheckConstraint("(photo IS NULL) = (photo_square IS NULL)", name=op.f("ck_youngsters_photo")),
        sa.CheckConstraint(
            "erased_at IS NULL OR (born IS NULL AND kenteken IS NULL AND description IS NULL"
            " AND checked_on IS NULL AND document_number IS NULL AND photo IS NULL)",
            name=op.f("ck_youngsters_erased"),
        ),
        sa.ForeignKeyConstraint(["added_by"], ["professionals.id"], name=op.f("fk_youngsters_added_by")),
        sa.ForeignKeyConstraint(["group_id"], ["youth_groups.id"], name=op.f("fk_youngsters_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_youngsters")),
    )
    op.create_index(op.f("ix_youngsters_group_id"), "youngsters", ["group_id"], unique=False)
    op.create_index(op.f("ix_youngsters_monitor_until"), "youngsters", ["monitor_until"], unique=False)
    op.create_table(
        "placements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("youngster_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("monitor_until", sa.Date(), nullable=True),
        sa.Column("agreed_with", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "place IN ('plus', 'mee', 'min', 'outside', 'monitoring')", name=op.f("ck_placements_place")
        ),
        sa.ForeignKeyConstraint(["by"], ["professionals.id"], name=op.f("fk_placements_by")),
        sa.ForeignKeyConstraint(["group_id"], ["youth_groups.id"], name=op.f("fk_placements_group_id")),
        sa.ForeignKeyConstraint(["youngster_id"], ["youngsters.id"], name=op.f("fk_placements_youngster_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placements")),
    )
    op.create_index("ix_placements_group_id_at", "placements", ["group_id", "at"], unique=False)
    op.create_index(op.f("ix_placements_youngster_id"), "placements", ["youngster_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_placements_youngster_id"), table_name="placements")
    op.drop_index("ix_placements_group_id_at", table_name="placements")
    op.drop_table("placements")
    op.drop_index(op.f("ix_youngsters_monitor_until"), table_name="youngsters")
    op.drop_index(op.f("ix_youngsters_group_id"), table_name="youngsters")
    op.drop_table("youngsters")
