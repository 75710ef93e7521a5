"""People, gestures and what Home needs"""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "workspaces",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("emoji", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "installed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("uninstalled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("workspaces_pkey")),
    )
    op.create_table(
        "deliveries",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("channel_id", sa.Text(), nullable=True),
        sa.Column("message_ts", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.workspace_id"],
            name=op.f("deliveries_workspace_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "recipient", "kind", "period", name=op.f("deliveries_pkey")),
    )
    op.create_index(
        op.f("deliveries_workspace_id_kind_period_idx"),
        "deliveries",
        ["workspace_id", "kind", "period"],
        unique=False,
    )
    op.create_table(
        "installations",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("bot_token", sa.Text(), nullable=False),
        sa.Column("bot_id", sa.Text(), nullable=False),
        sa.Column("bot_user_id", sa.Text(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column(
            "installed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.workspace_id"],
            name=op.f("installations_workspace_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("installations_pkey")),
    )
    op.create_table(
        "people",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("is_admin", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_bot", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_stranger", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_deactivated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("home_opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("synced_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.workspace_id"],
            name=op.f("people_workspace_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name=op.f("people_pkey")),
    )
    op.create_table(
        "gestures",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("gesture_id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Text(), nullable=False),
        sa.Column("receiver_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("channel_id", sa.Text(), nullable=True),
        sa.Column("message_ts", sa.Text(), nullable=True),
        sa.Column("help_id", sa.Uuid(), nullable=True),
        sa.Column("marks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("visibility IN ('channel', 'private')", name=op.f("gestures_visibility_check")),
        sa.CheckConstraint("giver_id <> receiver_id", name=op.f("gestures_two_people_check")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "giver_id"],
            ["people.workspace_id", "people.user_id"],
            name=op.f("gestures_workspace_id_giver_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "help_id"],
            ["gestures.workspace_id", "gestures.gesture_id"],
            name=op.f("gestures_workspace_id_help_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "receiver_id"],
            ["people.workspace_id", "people.user_id"],
            name=op.f("gestures_workspace_id_receiver_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "gesture_id", name=op.f("gestures_pkey")),
    )
    op.create_index(
        op.f("gestures_workspace_id_giver_id_happened_at_idx"),
        "gestures",
        ["workspace_id", "giver_id", "happened_at"],
        unique=False,
    )
    op.create_index(
        op.f("gestures_workspace_id_receiver_id_happened_at_idx"),
        "gestures",
        ["workspace_id", "receiver_id", "happened_at"],
        unique=False,
    )
    op.create_index(
        op.f("gestures_workspace_id_source_key_idx"), "gestures", ["workspace_id", "source_key"], unique=False
    )
    op.create_table(
        "preferences",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("thanked", sa.Text(), server_default="either", nullable=False),
        sa.Column("help_me", sa.Text(), server_default="", nullable=False),
        sa.Column("need_now", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("away_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "thanked IN ('public', 'private', 'either')", name=op.f("preferences_thanked_check")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "user_id"],
            ["people.workspace_id", "people.user_id"],
            name=op.f("preferences_workspace_id_user_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name=op.f("preferences_pkey")),
    )

    # Forced: the tables' owner is bound too, so one role is enough. Without a workspace named, nothing is seen.
    for table in ("workspaces", "installations", "people", "preferences", "gestures", "deliveries"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY workspace ON {table} "
            "USING (workspace_id = current_setting('mutual.workspace_id', true)) "
            "WITH CHECK (workspace_id = current_setting('mutual.workspace_id', true))"
        )
    # The clock must know which workspaces there are; it may read this one table, and say so.
    op.execute(
        "CREATE POLICY directory ON workspaces FOR SELECT USING (current_setting('mutual.directory', true) = 'on')"
    )
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
