"""Readers' rows that no version of the program would write: made at random, straight into a store.

Each kind is something that was once seen to stop a run, or might: an old row, one edited by hand, a
page of a failing disk. `insert` writes them with plain SQL, past every door and every type.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from installation import Installation
from sqlalchemy import text

from digest import subscriptions
from digest.model import SubscriberState
from digest.store import Store

ZONES = ("posix/Europe/Paris", "right/UTC", "posixrules", "localtime", "Factory", "America",
         "../../etc/passwd", "/etc/localtime", "europe/paris", "", " UTC", "UTC\0")  # fmt: skip
NUMBERS: tuple[Any, ...] = (99, -1, 24, 10**30, -(10**18), 0.5, True, "7", "²", [], None)


def _wishes(**fields: Any) -> str:
    return json.dumps({"format": 1, "value": fields})


PREFERENCES: dict[str, Callable[[Random], str]] = {
    "hour": lambda r: _wishes(hour=r.choice(NUMBERS[:-1])),
    "max_papers": lambda r: _wishes(max_papers=r.choice((0, 501, *NUMBERS[3:-1]))),
    "zone": lambda r: _wishes(timezone=r.choice(ZONES), hour=r.randrange(24)),
    "enum": lambda r: _wishes(format=r.choice(("fax", "HTML", "", 1)), frequency="hourly"),
    "not JSON": lambda r: r.choice(("", "{", "null", "[]", "\x7f", "nan", "{" * 50_000, "[" * 50_000)),
    "a number of 5,000 digits": lambda r: f'{{"format":1,"value":{{"hour":{"9" * 5_000}}}}}',
    "NaN": lambda r: '{"format":1,"value":{"hour":NaN,"max_papers":Infinity}}',
    "another format": lambda r: json.dumps({"format": r.randrange(2, 99), "value": {}}),
    "an unknown field": lambda r: _wishes(colour="red"),
    "types": lambda r: _wishes(topics=r.choice(("vision", 5, [5], [["a"]], {"a": 1}))),
    "a huge list": lambda r: _wishes(keywords=[f"word{n}" for n in range(r.choice((51, 9_000)))]),
    "long words": lambda r: _wishes(keywords=["x" * r.choice((81, 100_000))]),
    "odd characters": lambda r: _wishes(keywords=[r.choice(("\ud800", "a\0b", "\x1b[2J", "a\nb"))]),
    "a pause that is no day": lambda r: _wishes(paused_until=r.choice(("soon", 5, "9999-99-99"))),
}  # fmt: skip
"""Preferences that cannot be read."""

ADDRESSES: dict[str, Callable[[Random, int], str]] = {
    "line break": lambda r, n: f"a{n}@example.org\r\nBcc: everybody{n}@example.org",
    "no at": lambda r, n: f"nobody{n}",
    "two at": lambda r, n: f"a@b{n}@@",
    "empty": lambda r, n: "",
    "blanks": lambda r, n: f"a b{n}@example.org",
    "brackets": lambda r, n: f"<a{n}@example.org>",
    "long": lambda r, n: f"{'x' * 5_000}{n}@example.org",
    "no IDNA": lambda r, n: f"a{n}@{'ü' * 70}.org",
    "dots": lambda r, n: f"a{n}@example..org",
    "reversed": lambda r, n: f"a{n}@\u202egro.elpmaxe",
    "escape": lambda r, n: f"a{n}\x1b]0;x\x07@example.org",
}
"""Addresses that no mail can go to."""

SQLITE_ONLY: dict[str, tuple[str, str]] = {
    "address is bytes": ("email", "x'ff00fe'"),
    "address is no UTF-8": ("email", "CAST(x'61ff4062' AS TEXT)"),
    "address ends early": ("email", "'a' || char(0) || '@example.org'"),
    "preferences are bytes": ("preferences", "x'ff'"),
    "preferences are no UTF-8": ("preferences", "CAST(x'7bff' AS TEXT)"),
}
"""What only a file without types can hold, as SQL."""

UNREADABLE = {
    "sqlite": {"created_at": ("'yesterday'", "x'ff'", "'9999-99-99'", "5"),
               "confirmed_at": ("'never'", "''"),
               "bounce_points": ("'many'", "9e999"),
               "state_reason": ("x'ff'",)},
    "postgresql": {"created_at": ("'infinity'", "'9999-12-31 23:59:59-12'"),
                   "confirmed_at": ("'-infinity'",),
                   "bounce_points": ("'nan'", "'infinity'")},
}  # fmt: skip
"""Damage that no mail depends on, as SQL: such a reader is served."""


def insert(store: Store, random: Random, number: int) -> tuple[int, list[str]]:
    """Write ``number`` hostile readers; how many are to be set aside, and who is to be served."""
    aside, served = 0, []
    with store.begin() as unit:
        connection = unit.connection
        unstated = store.dialect == "sqlite"
        if unstated:
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = 1")
        kinds = [
            *PREFERENCES,
            *ADDRESSES,
            *(SQLITE_ONLY if unstated else ()),
            "unreadable",
            "state",
        ]
        for n in range(number):
            kind = random.choice(kinds)
            row = {
                "email": f"hostile{n}@example.org",
                "address": f"hostile{n}-{random.random()}@example.org",
                "preferences": _wishes(),
                "state": "active",
            }
            if kind in PREFERENCES:
                row["preferences"] = PREFERENCES[kind](random)
            elif kind in ADDRESSES:
                row["email"] = ADDRESSES[kind](random, n)
            elif kind == "state" and unstated:
                row["state"] = random.choice(("actve", "", "ACTIVE", "5"))
            if store.dialect == "postgresql":
                row = {name: value.replace("\0", "?") for name, value in row.items()}
            id = connection.execute(
                text(
                    "INSERT INTO subscribers (email, address, state, preferences, state_at, "
                    "created_at, confirmed_at) VALUES (:email, :address, :state, :preferences, "
                    "'2026-11-01 08:00:00', '2026-11-01 08:00:00', '2026-11-01 08:00:00') "
                    "RETURNING id"
                ),
                row,
            ).scalar_one()
            damage = SQLITE_ONLY.get(kind)
            if kind == "unreadable":
                column = random.choice(list(UNREADABLE[store.dialect]))
                damage = (column, random.choice(UNREADABLE[store.dialect][column]))
            if damage is not None:
                connection.exec_driver_sql(
                    f"UPDATE subscribers SET {damage[0]} = {damage[1]} WHERE id = {id}"
                )
            if kind == "unreadable" or (kind == "state" and row["state"] == "active"):
                served.append(row["email"])
            elif kind != "state":
                aside += 1
        if unstated:
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = 0")
    return aside, served


def serve_all_good_ones(installation: Installation, random: Random, hostile: int) -> None:
    """Good readers before, between and after hostile ones: the day's run, and every list of them."""
    good = [
        one.email for one in installation.subscribe(*(f"first{n}@example.org" for n in range(6)))
    ]
    aside, served = insert(installation.store, random, hostile)
    good += served
    good += [
        one.email for one in installation.subscribe("last@example.org", hour=9, keywords=("graph",))
    ]
    installation.dump("ABDE")
    installation.run_day()
    installation.clock.now += timedelta(hours=1)
    installation.run_day()
    recipients = sorted(mail.recipient for mail in installation.transport.mails)
    assert recipients == sorted(good)
    stock = installation.status()
    (edition,) = stock.editions
    assert edition.tally.balanced
    assert edition.tally.accepted == len(good)
    assert edition.tally.excluded == edition.set_aside == aside
    assert not edition.tally.unfinished
    assert (f"{aside:,} reader" in "\n".join(stock.lines())) == (aside > 0)
    everyone = list(subscriptions.list_subscribers(installation.store))
    assert len(everyone) == sum(stock.readers.values()) + stock.stateless[0]
    sheet = subscriptions.export_csv(installation.store)
    assert (
        sheet.text.count("\r\n") - 1 + len(sheet.left_out) == stock.readers[SubscriberState.ACTIVE]
    )
