"""What was claimed since a moment, or before one, is found without walking all that a workspace was ever sent"""

from alembic import op

revision = "claimed_at"
down_revision = "former_emoji"


def upgrade() -> None:
    op.create_index("deliveries_workspace_id_claimed_at_idx", "deliveries", ["workspace_id", "claimed_at"])
