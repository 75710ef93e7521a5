"""Asks, offers, and the boundaries people set"""

import sqlalchemy as sa
from alembic import op

revision = "asks"
down_revision = "findings"


def upgrade() -> None:
    op.add_column(
        "people", sa.Column("on_vacation", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("preferences", sa.Column("at_capacity_until", sa.Date(), nullable=True))
    op.add_column(
        "preferences", sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_table(
        "asks",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("ask_id", sa.Uuid(), nullable=False),
        sa.Column("asker_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by_when", sa.Date(), nullable=True),
        sa.Column("channel_id", sa.Text(), nullable=True),
        sa.Column("people", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("is_public", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed', 'withdrawn')", name=op.f("asks_state_check")),
        sa.CheckConstraint("(state = 'withdrawn') = (text IS NULL)", name=op.f("asks_words_check")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "asker_id"],
            ["people.workspace_id", "people.user_id"],
            name=op.f("asks_workspace_id_asker_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "ask_id", name=op.f("asks_pkey")),
    )
    op.create_index(op.f("asks_workspace_id_asker_id_idx"), "asks", ["workspace_id", "asker_id"])
    op.create_index(
        op.f("asks_workspace_id_state_asked_at_idx"), "asks", ["workspace_id", "state", "asked_at"]
    )
    op.create_table(
        "offers",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("ask_id", sa.Uuid(), nullable=True),
        sa.Column("helper_id", sa.Text(), nullable=False),
        sa.Column("receiver_id", sa.Text(), nullable=False),
        sa.Column("help_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'accepted', 'declined', 'expired', 'withdrawn')",
            name=op.f("offers_state_check"),
        ),
        sa.CheckConstraint("helper_id <> receiver_id", name=op.f("offers_two_people_check")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "ask_id"],
            ["asks.workspace_id", "asks.ask_id"],
            name=op.f("offers_workspace_id_ask_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "helper_id"],
            ["people.workspace_id", "people.user_id"],
            name=op.f("offers_workspace_id_helper_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "receiver_id"],
            ["people.workspace_id", "people.user_id"],
            name=op.f("offers_workspace_id_receiver_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "offer_id", name=op.f("offers_pkey")),
        sa.UniqueConstraint(
            "workspace_id", "ask_id", "helper_id", name=op.f("offers_workspace_id_ask_id_helper_id_key")
        ),
        sa.UniqueConstraint("workspace_id", "help_id", name=op.f("offers_workspace_id_help_id_key")),
    )
    for person in ("receiver_id", "helper_id"):
        op.create_index(
            op.f(f"offers_workspace_id_{person}_changed_at_idx"),
            "offers",
            ["workspace_id", person, "changed_at"],
        )
    op.create_index(
        op.f("gestures_workspace_id_help_id_idx"),
        "gestures",
        ["workspace_id", "help_id"],
        postgresql_where=sa.text("help_id IS NOT NULL"),
    )
    op.create_index(
        op.f("deliveries_workspace_id_channel_id_message_ts_idx"),
        "deliveries",
        ["workspace_id", "channel_id", "message_ts"],
    )
    for table in ("asks", "offers"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY workspace ON {table} "
            "USING (workspace_id = current_setting('mutual.workspace_id', true)) "
            "WITH CHECK (workspace_id = current_setting('mutual.workspace_id', true))"
        )
