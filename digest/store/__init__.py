"""Keep papers, editions, subscribers and every delivery in one database.

``open_store(url)`` gives a :class:`Store`; ``with store.begin() as unit:`` is one transaction, in
which ``unit.papers``, ``unit.editions``, ``unit.subscribers``, ``unit.outbox``, ``unit.runs`` and
others take and return frozen values of the model. No error of the database leaves this room as
such: locked, full or out of reach is ``StoreBusyError``; a wrong address or a schema that does not
fit this program is ``ConfigurationError``.

The database's library is loaded when one of the names here is first asked for; ``throwaway_store``,
which forgets all when it is dropped, does without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from digest.store.database_store import Store, UnitOfWork, open_store

__all__ = ["Store", "UnitOfWork", "open_store"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from digest.store import database_store

    return getattr(database_store, name)
