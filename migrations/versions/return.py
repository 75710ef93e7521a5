"""Who comes back to Slack comes back to the teams that they left with it"""

import sqlalchemy as sa
from alembic import op

revision = "return"
down_revision = "pictures"


def upgrade() -> None:
    op.add_column(
        "team_members", sa.Column("left_slack", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
