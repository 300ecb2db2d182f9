"""``digest subscribers waiting``, ``approve``, ``decline``: one line for each, also for a slip."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cli.conftest import Terminal

from digest.model import Preferences, SubscriberState
from digest.store import open_store


@pytest.fixture(autouse=True)
def _two_wait(digest: Terminal) -> None:
    digest.set("DIGEST_SIGNUP_APPROVAL", "true")
    assert digest("migrate").code == 0
    store = open_store(f"sqlite:///{digest.folder / 'digest.db'}")
    now = datetime(2026, 11, 20, 8, tzinfo=UTC)
    with store.begin() as unit:
        for email, name in (("ada@example.org", "Ada"), ("bob@example.org", "")):
            pending = SubscriberState.PENDING
            added = unit.subscribers.add(
                email, state=pending, preferences=Preferences(), now=now, origin="web"
            )
            unit.arrivals.set_name(added.id, name)
            unit.arrivals.begin_wait(added.id, now)
    store.close()


def test_who_waits_is_listed_and_decided(digest: Terminal) -> None:
    listed = digest("subscribers", "waiting").out
    assert listed == (
        "     1  since 2026-11-20  ada@example.org  (Ada)\n     2  since 2026-11-20  bob@example.org\n"
    )
    assert "2 new subscribers waiting for yours" in digest("status").out
    approved = digest("subscribers", "approve", "ada@example.org")
    assert approved.out.startswith("ada@example.org: approved; gets the next edition")
    declined = digest("subscribers", "decline", "2", "--quietly", "--json")
    assert declined.lines == [{"email": "bob@example.org", "said": "declined; no mail says so"}]
    assert digest("subscribers", "waiting").out == "nobody waits for approval\n"
    states = {row["email"]: row["state"] for row in digest("subscribers", "list", "--json").lines}
    assert states == {"ada@example.org": "active", "bob@example.org": "unsubscribed"}


def test_one_who_does_not_wait_costs_only_itself(digest: Terminal) -> None:
    answer = digest("subscribers", "approve", "eve@example.org", "ada@example.org")
    assert answer.code == 1
    assert "eve@example.org: nobody with that address waits for approval" in answer.err
    assert "ada@example.org: approved" in answer.out


def test_whom_the_operator_declined_the_operator_may_still_add(digest: Terminal) -> None:
    digest("subscribers", "decline", "ada@example.org")
    assert "add --confirmed" in digest("subscribers", "add", "ada@example.org").out
    back = digest("subscribers", "add", "ada@example.org", "--confirmed")
    assert "was declined by the operator; gets the digest again" in back.out
