"""Bringing a database to this version's tables (Alembic), and refusing one that is newer."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION_TABLE = "alembic_version"
_NAMED = re.compile(r"^(revision|down_revision)(?:: [^=]+)? = (\"[^\"]*\"|None)$", re.MULTILINE)
_LOCK = 5_0240  # pg_advisory_lock: one replica migrates, the others wait


class DataNewer(Exception):
    """The data were written by a newer version of the hub."""


def revisions() -> list[str]:
    """Every revision that this version knows, oldest first, as each file names the one before it.

    Read from the files' text: Alembic itself takes 12 MB.

    Raises:
        ValueError: the files do not make one line from the first to the last.
    """
    after: dict[str, str] = {}
    files = sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))
    for path in files:
        found = _NAMED.findall(path.read_text("utf-8"))
        named = {name: value.strip('"') for name, value in found}
        after[named["down_revision"]] = named["revision"]
    line: list[str] = []
    while (following := after.pop(line[-1] if line else "None", None)) is not None:
        line.append(following)
    if len(line) != len(files):
        raise ValueError(f"migrations do not follow one another: {', '.join(line)}, then a gap")
    return line


def migrate(engine: Engine) -> None:
    """Make or update the hub's tables.

    Raises:
        DataNewer: the database knows a revision that this version does not.
    """
    known = revisions()
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        current = _revision(connection)
        if current is not None and current not in known:
            raise DataNewer(
                f"the database is at revision {current}, which this version does not know: "
                "install the version of zongheng-hub that wrote it, or a newer one"
            )
        if current != known[-1]:
            _upgrade(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()


def _upgrade(connection: Connection) -> None:
    # Alembic takes 12 MB, which a hub that is up to date does not spend.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
