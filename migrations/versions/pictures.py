"""Pictures may be files in Slack, where no public address could serve them"""

import sqlalchemy as sa
from alembic import op

revision = "pictures"
down_revision = "stretches"


def upgrade() -> None:
    op.add_column("pictures", sa.Column("file_id", sa.Text(), nullable=True))
