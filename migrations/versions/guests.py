"""Guests see only the channels they are in, so what is open elsewhere is not shown to them"""

import sqlalchemy as sa
from alembic import op

revision = "guests"
down_revision = "bell"


def upgrade() -> None:
    op.add_column(
        "people", sa.Column("is_guest", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
