"""Gestures that are removed find the thanks that proved them"""

import sqlalchemy as sa
from alembic import op

revision = "privacy"
down_revision = "findings"


def upgrade() -> None:
    op.create_index(
        op.f("gestures_workspace_id_help_id_idx"),
        "gestures",
        ["workspace_id", "help_id"],
        unique=False,
        postgresql_where=sa.text("help_id IS NOT NULL"),
    )
