"""When a job was put into the queue stands in its own row, and not in a second one that every capture pays for"""

from alembic import op

revision = "put_at"
down_revision = "guests"


def upgrade() -> None:
    op.execute("ALTER TABLE procrastinate_jobs ADD COLUMN put_at timestamptz NOT NULL DEFAULT now()")
    op.execute("DROP TRIGGER procrastinate_trigger_status_events_insert_v1 ON procrastinate_jobs")
