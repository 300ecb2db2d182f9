"""The few remembered papers that a record may be, found by key in time that history does not raise.

Which they are is decided in `digest.store.candidate_choice`. Abstracts are read for the chosen
only.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Connection, Select, cast, column, func, select, true

from digest.model import IdentityKeys, Paper
from digest.store.candidate_choice import PER_KEY, likeliest
from digest.store.dialect import chunks
from digest.store.paper_loader import load_papers
from digest.store.paper_rows import key_digest, paper_of
from digest.store.tables import paper_keys

KEYS_AT_ONCE = 10_000
"""Keys looked up in one statement."""


def find_candidates(
    connection: Connection, keys: Sequence[IdentityKeys]
) -> tuple[tuple[Paper, ...], ...]:
    """The candidates for each of ``keys``, oldest first, aligned with it."""
    digests = [{key_digest(key) for key in identity.lookup} for identity in keys]
    holders = _holders(connection, set().union(*digests))
    chosen = [likeliest(of_paper, holders) for of_paper in digests]
    rows = load_papers(connection, (paper_id for ids in chosen for paper_id in ids))
    known = {paper_id: paper_of(row) for paper_id, row in rows.items()}
    return tuple(tuple(known[paper_id] for paper_id in ids) for ids in chosen)


def _holders(connection: Connection, digests: Iterable[int]) -> dict[int, list[int]]:
    """The newest papers filed under each of ``digests``."""
    holders: dict[int, list[int]] = defaultdict(list)
    for part in chunks(sorted(digests), KEYS_AT_ONCE):
        for row in connection.execute(_newest(connection, part)):
            holders[row.key].append(row.paper_id)
    return holders


def _newest(connection: Connection, digests: Sequence[int]) -> Select[Any]:
    """The select of (key, paper id), at most :data:`PER_KEY` for each of ``digests``.

    Each database has one form that it answers by seeking in the index once per key: a lateral
    join on PostgreSQL, a correlated ``IN`` on SQLite, which has no lateral join. The keys travel
    as one value, so that the statement is compiled once.
    """
    same = paper_keys.alias("same")
    newest = select(same.c.paper_id).order_by(same.c.paper_id.desc()).limit(PER_KEY)
    if connection.dialect.name == "postgresql":
        keys = cast(list(digests), ARRAY(BigInteger))
        wanted = func.unnest(keys).table_valued("key", name="wanted").render_derived()
        beside = newest.where(same.c.key == wanted.c.key).lateral("newest")
        return select(wanted.c.key, beside.c.paper_id).select_from(wanted.join(beside, true()))
    listed = func.json_each(json.dumps(digests)).table_valued(column("value", BigInteger))
    few = newest.where(same.c.key == listed.c.value).scalar_subquery()
    return select(paper_keys.c.key, paper_keys.c.paper_id).join_from(
        listed, paper_keys, (paper_keys.c.key == listed.c.value) & paper_keys.c.paper_id.in_(few)
    )
