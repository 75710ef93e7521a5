"""An offer is known by its id alone: two sent at once then never meet at a second key"""

from alembic import op

revision = "one_key"
down_revision = "install"


def upgrade() -> None:
    op.drop_constraint("offers_workspace_id_ask_id_helper_id_key", "offers", type_="unique")
    op.drop_constraint("offers_workspace_id_help_id_key", "offers", type_="unique")
    op.create_index("offers_workspace_id_ask_id_idx", "offers", ["workspace_id", "ask_id"])
    op.create_index("offers_workspace_id_help_id_idx", "offers", ["workspace_id", "help_id"])
