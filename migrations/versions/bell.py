"""Workers are woken after the commit (store/bell.py), and no longer by NOTIFY inside the transaction"""

from alembic import op

revision = "bell"
down_revision = "return"


def upgrade() -> None:
    op.execute("DROP TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1 ON procrastinate_jobs")
