"""Teams, who may see what of them, digests and where kudos are posted"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "teams"
down_revision = "0001"

TABLES = (
    "policies",
    "channels",
    "absences",
    "teams",
    "team_members",
    "team_managers",
    "looks",
    "shown_views",
    "pictures",
)


def upgrade() -> None:
    op.create_table(
        "channels",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("is_general", sa.Boolean(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.workspace_id"],
            name=op.f("channels_workspace_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "channel_id", name=op.f("channels_pkey")),
    )
    op.create_table(
        "pictures",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("picture_id", sa.Text(), nullable=False),
        sa.Column("shows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.workspace_id"],
            name=op.f("pictures_workspace_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "picture_id", name=op.f("pictures_pkey")),
    )
    op.create_table(
        "policies",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("team_makers", sa.Text(), server_default="admins", nullable=False),
        sa.Column("naming", sa.Text(), server_default="consent", nullable=False),
        sa.Column("named_from", sa.Date(), nullable=True),
        sa.Column("floor", sa.Integer(), server_default=sa.text("5"), nullable=False),
        sa.Column("announce", sa.Text(), server_default="same", nullable=False),
        sa.Column("kudos_channel", sa.Text(), nullable=True),
        sa.Column("in_general", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("celebrate_channel", sa.Text(), nullable=True),
        sa.CheckConstraint("floor >= 5", name=op.f("policies_floor_check")),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.workspace_id"],
            name=op.f("policies_workspace_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("policies_pkey")),
    )
    op.create_table(
        "teams",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("origin_id", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("origin IN ('people', 'channel', 'group')", name=op.f("teams_origin_check")),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.workspace_id"],
            name=op.f("teams_workspace_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "team_id", name=op.f("teams_pkey")),
    )
    op.create_index(
        op.f("teams_workspace_id_origin_id_idx"), "teams", ["workspace_id", "origin_id"], unique=False
    )
    op.create_table(
        "absences",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "user_id"],
            ["people.workspace_id", "people.user_id"],
            name=op.f("absences_workspace_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", "starts_on", name=op.f("absences_pkey")),
    )
    op.create_table(
        "looks",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("look_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("manager_id", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "manager_id"],
            ["people.workspace_id", "people.user_id"],
            name=op.f("looks_workspace_id_manager_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "team_id"],
            ["teams.workspace_id", "teams.team_id"],
            name=op.f("looks_workspace_id_team_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "look_id", name=op.f("looks_pkey")),
    )
    op.create_index(
        op.f("looks_workspace_id_team_id_looked_at_idx"),
        "looks",
        ["workspace_id", "team_id", "looked_at"],
        unique=False,
    )
    op.create_table(
        "shown_views",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("view_id", sa.Text(), nullable=False),
        sa.Column("first_week", sa.Date(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("people", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("active", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "team_id"],
            ["teams.workspace_id", "teams.team_id"],
            name=op.f("shown_views_workspace_id_team_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "view_id", name=op.f("shown_views_pkey")),
    )
    op.create_table(
        "team_managers",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "team_id"],
            ["teams.workspace_id", "teams.team_id"],
            name=op.f("team_managers_workspace_id_team_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "user_id"],
            ["people.workspace_id", "people.user_id"],
            name=op.f("team_managers_workspace_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "team_id", "user_id", name=op.f("team_managers_pkey")),
    )
    op.create_index(
        op.f("team_managers_workspace_id_user_id_idx"),
        "team_managers",
        ["workspace_id", "user_id"],
        unique=False,
    )
    op.create_table(
        "team_members",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("sub_group", sa.Text(), nullable=True),
        sa.Column("shares_balance", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "team_id"],
            ["teams.workspace_id", "teams.team_id"],
            name=op.f("team_members_workspace_id_team_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "user_id"],
            ["people.workspace_id", "people.user_id"],
            name=op.f("team_members_workspace_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "team_id", "user_id", "joined_on", name=op.f("team_members_pkey")
        ),
    )
    op.create_index(
        "team_members_now_idx",
        "team_members",
        ["workspace_id", "team_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("left_on IS NULL"),
    )
    op.create_index(
        op.f("team_members_workspace_id_user_id_idx"),
        "team_members",
        ["workspace_id", "user_id"],
        unique=False,
    )
    op.add_column(
        "preferences", sa.Column("digest_day", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column(
        "preferences", sa.Column("digest_hour", sa.Integer(), server_default=sa.text("9"), nullable=False)
    )
    op.add_column("preferences", sa.Column("digest_paused_until", sa.Date(), nullable=True))
    op.create_index(
        op.f("deliveries_workspace_id_recipient_kind_claimed_at_idx"),
        "deliveries",
        ["workspace_id", "recipient", "kind", "claimed_at"],
        unique=False,
    )
    op.create_check_constraint(
        op.f("preferences_digest_time_check"),
        "preferences",
        "digest_day BETWEEN 0 AND 6 AND digest_hour BETWEEN 0 AND 23",
    )

    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY workspace ON {table} "
            "USING (workspace_id = current_setting('mutual.workspace_id', true)) "
            "WITH CHECK (workspace_id = current_setting('mutual.workspace_id', true))"
        )
