"""The schema's history, and how a database is brought to the newest revision.

Revisions are numbered ``0001``, ``0002``, … in ``versions/``; ``HEAD`` is the newest, kept here so
that asking whether a database is current does not load Alembic.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from digest.errors import ConfigurationError
from digest.store.migrations.search_words_index import SEARCH_WORDS_SQLITE
from digest.store.sign_up_tables import metadata

HEAD = "0017"

OVERWRITES_SINCE = "0005"
"""From this revision on whatever is deleted is overwritten. Files of older ones are written anew once,
for what was deleted before still stands in them.
"""


def revision(connection: Connection) -> str | None:
    """The revision that the database is at; ``None`` for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def refuse_newer(revision: str | None, place: str) -> None:
    """``ConfigurationError`` when the database was written by a newer program than this."""
    if revision is not None and revision > HEAD:
        raise ConfigurationError(
            f"it is at revision {revision}, this program knows {HEAD}",
            where=place,
            mend="Install the version that made it, or a newer one",
        )


def refuse_strange(connection: Connection, place: str) -> None:
    """``ConfigurationError`` for a database in which another program has tables of our names."""
    inspector = inspect(connection)
    if inspector.has_table("alembic_version"):
        return
    taken = sorted(set(inspector.get_table_names()) & set(metadata.tables))
    if taken:
        raise ConfigurationError(
            f"another program has tables of our names there ({', '.join(taken[:3])})",
            where=place,
            mend="Point DIGEST_DATABASE_URL to a database of its own",
        )


def create_in_memory(connection: Connection) -> None:
    """Make the newest schema at once, in an SQLite database that lasts as long as the process.

    A preview needs one; loading Alembic takes longer than all of this. A test holds that it is the
    schema that the revisions make.
    """
    metadata.create_all(connection)
    for statement in SEARCH_WORDS_SQLITE:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


def upgrade(connection: Connection) -> None:
    """Apply every missing revision inside the transaction that ``connection`` is in."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
