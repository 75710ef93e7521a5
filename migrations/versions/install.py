"""Installing from a page, and for a whole organisation"""

import sqlalchemy as sa
from alembic import op

revision = "install"
down_revision = "asks"


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("enterprise_id", sa.Text(), nullable=True))
    op.add_column(
        "workspaces",
        sa.Column("is_organisation", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_table(
        "install_states",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "state", name=op.f("install_states_pkey")),
    )
    op.execute("ALTER TABLE install_states ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE install_states FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY workspace ON install_states "
        "USING (workspace_id = current_setting('mutual.workspace_id', true)) "
        "WITH CHECK (workspace_id = current_setting('mutual.workspace_id', true))"
    )
    # A workspace may use, and not change, what lets us speak in the whole of its own organisation.
    op.execute(
        "CREATE POLICY organisation ON installations FOR SELECT USING (workspace_id = "
        "(SELECT enterprise_id FROM workspaces WHERE workspaces.workspace_id = current_setting('mutual.workspace_id', true)))"
    )
