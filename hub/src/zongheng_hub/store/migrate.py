"""Bringing a database to this version's tables (Alembic), and refusing one that is newer."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

_LOCK = 5_0240  # pg_advisory_lock: one replica migrates, the others wait


class DataNewer(Exception):
    """The data were written by a newer version of the hub."""


def migrate(engine: Engine) -> None:
    """Make or update the hub's tables.

    Raises:
        DataNewer: the database knows a revision that this version does not.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    known = {revision.revision for revision in script.walk_revisions()}
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None and current not in known:
            raise DataNewer(
                f"the database is at revision {current}, which this version does not know: "
                "install the version of zongheng-hub that wrote it, or a newer one"
            )
        if current != script.get_current_head():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
