"""What was told of a team's figures is kept as it was, week by week; what the earlier way kept says too little for it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "stretches"
down_revision = "one_key"


def upgrade() -> None:
    op.drop_table("shown_views")
    op.create_table(
        "stretches",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("first_week", sa.Date(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("circle", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("pieces", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "team_id"],
            ["teams.workspace_id", "teams.team_id"],
            name=op.f("stretches_workspace_id_team_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "team_id", "part", "first_week", name=op.f("stretches_pkey")),
    )
    op.execute("ALTER TABLE stretches ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE stretches FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY workspace ON stretches "
        "USING (workspace_id = current_setting('mutual.workspace_id', true)) "
        "WITH CHECK (workspace_id = current_setting('mutual.workspace_id', true))"
    )
