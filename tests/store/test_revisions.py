"""Whether the database is behind, said without Alembic."""

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from slackapp.store.database import driver_url
from slackapp.store.revisions import FOLDER, newest, pending


def test_the_newest_revision_is_the_one_alembic_would_go_to() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))

    assert newest() == ScriptDirectory.from_config(config).get_current_head()


def test_a_database_is_behind_until_it_has_the_newest_revision(database_url: str) -> None:
    engine = create_engine(driver_url(database_url))
    with engine.connect() as db:
        assert not pending(db)
        db.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        assert pending(db)
        db.execute(text("SET search_path TO nowhere"))
        assert pending(db)
        db.rollback()
    engine.dispose()
