"""Approval by the operator: who confirmed waits, and hears once what was decided."""

from __future__ import annotations

from pathlib import Path

import pytest
from subscriptions.test_sign_up_rules import (
    DAY,
    NOW,
    OPEN,
    an_invitation,
    ask,
    confirm,
    number,
    state,
    store,
)

from digest import subscriptions
from digest.errors import SubscriberError
from digest.model import ServiceMailKind, SignUpMode, SignUpRule, SubscriberState
from digest.store import Store
from digest.subscriptions import ActionResult

__all__ = ["store"]

APPROVED = SignUpRule(approval=True)


def mails(store: Store) -> list[ServiceMailKind]:
    from datetime import timedelta

    with store.begin() as unit:
        leased = unit.service_mails.lease(NOW + DAY, limit=50, ttl=timedelta(minutes=1))
    return [mail.kind for mail in leased]


def wait(store: Store, email: str = "a@one.example", name: str = "") -> None:
    ask(store, email, APPROVED, name=name)
    assert confirm(store, email, APPROVED) is ActionResult.WAITING


def test_who_confirms_waits_and_a_second_press_says_so_again(store: Store) -> None:
    wait(store, name="Ada Lovelace")
    assert confirm(store, "a@one.example", APPROVED) is ActionResult.WAITING
    assert state(store, "a@one.example") is SubscriberState.PENDING
    (person,) = subscriptions.waiting_subscribers(store)
    assert (person.subscriber.email, person.name, person.since) == (
        "a@one.example",
        "Ada Lovelace",
        NOW,
    )


def test_who_is_approved_is_in_and_gets_one_mail(store: Store) -> None:
    wait(store)
    subscriptions.approve(store, "a@one.example", now=NOW)
    assert state(store, "a@one.example") is SubscriberState.ACTIVE
    assert mails(store).count(ServiceMailKind.APPROVED) == 1
    assert subscriptions.waiting_subscribers(store) == ()
    with pytest.raises(SubscriberError, match="nobody with that address waits"):
        subscriptions.approve(store, "a@one.example", now=NOW)


@pytest.mark.parametrize("tell", [True, False])
def test_who_is_declined_stays_out_and_is_not_asked_again(store: Store, tell: bool) -> None:
    wait(store)
    subscriptions.decline(store, str(number(store, "a@one.example")), now=NOW, tell=tell)
    assert state(store, "a@one.example") is SubscriberState.UNSUBSCRIBED
    assert mails(store).count(ServiceMailKind.DECLINED) == (1 if tell else 0)
    ask(store, "a@one.example", APPROVED, now=NOW + 5 * DAY)
    assert ServiceMailKind.CONFIRM not in mails(store)


def test_a_decision_that_is_cut_off_is_none_and_sends_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(store)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("digest.subscriptions.approvals.plan_service_mail", killed)
        with pytest.raises(KeyboardInterrupt):
            subscriptions.approve(store, "a@one.example", now=NOW)
    assert ServiceMailKind.APPROVED not in mails(store)
    assert len(subscriptions.waiting_subscribers(store)) == 1


def test_who_waits_is_asked_nothing_more_and_is_not_forgotten(store: Store) -> None:
    wait(store)
    mails(store)
    ask(store, "a@one.example", APPROVED, now=NOW + 30 * DAY)
    assert len(subscriptions.waiting_subscribers(store)) == 1
    assert ServiceMailKind.CONFIRM not in mails(store)


def test_who_left_waits_again_when_they_come_back(store: Store) -> None:
    ask(store, "a@one.example", OPEN)
    confirm(store, "a@one.example", OPEN)
    subscriptions.unsubscribe(store, number(store, "a@one.example"), reason="left", now=NOW)
    ask(store, "a@one.example", APPROVED, now=NOW + 2 * DAY)
    assert confirm(store, "a@one.example", APPROVED, NOW + 2 * DAY) is ActionResult.WAITING
    assert state(store, "a@one.example") is SubscriberState.PENDING


def test_the_list_says_by_which_invitation_somebody_came(store: Store, tmp_path: Path) -> None:
    rule = SignUpRule(SignUpMode.INVITE, approval=True)
    ask(store, "a@one.example", rule, an_invitation(store))
    confirm(store, "a@one.example", rule)
    (person,) = subscriptions.waiting_subscribers(store)
    assert person.invitation == "number 1"


def test_all_of_it_is_shown_to_them_and_goes_with_them(store: Store) -> None:
    wait(store, name="Ada")
    held = subscriptions.export_subscriber(store, number(store, "a@one.example"))
    assert held is not None
    assert held["name"] == "Ada"
    assert held["awaiting_approval_since"] is not None
    subscriptions.erase_by_email(store, "a@one.example", now=NOW)
    with store.read() as unit:
        assert unit.arrivals.count_waiting() == 0
        assert unit.arrivals.name(1) == ""
