"""What patterns found, and what people said to it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "findings"
down_revision = "teams"


def upgrade() -> None:
    op.add_column(
        "gestures", sa.Column("proven", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("workspaces", sa.Column("patterns_week", sa.Date(), nullable=True))
    op.create_table(
        "findings",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("subjects", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "team_id", "pattern", "subjects", name=op.f("findings_pkey")),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.workspace_id"],
            name=op.f("findings_workspace_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("state IN ('entered', 'stays', 'left')", name=op.f("findings_state_check")),
    )
    op.create_table(
        "rests",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("subjects", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "pattern", "subjects", "user_id", name=op.f("rests_pkey")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "user_id"],
            ["people.workspace_id", "people.user_id"],
            name=op.f("rests_workspace_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "remarks",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("subjects", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "workspace_id", "pattern", "subjects", "user_id", "since", name=op.f("remarks_pkey")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "user_id"],
            ["people.workspace_id", "people.user_id"],
            name=op.f("remarks_workspace_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
    )
    for table in ("findings", "rests", "remarks"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY workspace ON {table} "
            "USING (workspace_id = current_setting('mutual.workspace_id', true)) "
            "WITH CHECK (workspace_id = current_setting('mutual.workspace_id', true))"
        )
