"""What emoji meant before is remembered, so that what they gave can be taken back"""

from alembic import op

revision = "former_emoji"
down_revision = "put_at"

#: What every workspace began with. What else it chose meanwhile is not known any more.
_BEGAN_WITH = '{"raised_hands": "kudos", "clap": "kudos", "pray": "thanks"}'


def upgrade() -> None:
    # As a default, since the rows themselves are seen only from inside their workspace.
    op.execute(f"ALTER TABLE workspaces ADD COLUMN former_emoji jsonb NOT NULL DEFAULT '{_BEGAN_WITH}'")
    op.execute("ALTER TABLE workspaces ALTER COLUMN former_emoji SET DEFAULT '{}'")
