"""Bring a database to the schema this version needs."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text

from slackapp.files import shipped
from slackapp.store.database import driver_url


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")))
    config.attributes["connection"] = connection
    return config


def migrate(url: str) -> None:
    """Upgrade to the newest revision. Two at once do no harm: the second waits, and finds nothing left to do."""
    engine = create_engine(driver_url(url))
    with engine.begin() as db:
        db.execute(text("SELECT pg_advisory_xact_lock(hashtext('mutual migrate'))"))
        command.upgrade(_config(db), "head")
    engine.dispose()


def check(url: str) -> None:
    """Raise when tables.py and the migrations do not say the same."""
    engine = create_engine(driver_url(url))
    with engine.begin() as db:
        command.check(_config(db))
    engine.dispose()
