"""Who may sign up: domains whole and after IDNA, invitations counted once, a rule tightened later."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest import subscriptions
from digest.errors import ConfigurationError, SubscriberError
from digest.model import (
    Invitation,
    Preferences,
    SignUp,
    SignUpMode,
    SignUpRule,
    SubscriberState,
)
from digest.store import Store, open_store
from digest.subscriptions import (
    ActionResult,
    NewSubscriber,
    SignUpRefusal,
    domain_patterns,
    find_refusal,
)
from digest.subscriptions.sign_up_rules import is_at

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
DAY = timedelta(days=1)
OPEN = SignUpRule()
CLOSED = SignUpRule(SignUpMode.CLOSED, contact="papers@example.org")
INVITE = SignUpRule(SignUpMode.INVITE)
LAB = SignUpRule(SignUpMode.DOMAINS, ("lab.example", "*.lab.example"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'digest.db'}")
    store.migrate()
    yield store
    store.close()


def ask(
    store: Store,
    email: str,
    rule: SignUpRule,
    invitation: Invitation | None = None,
    *,
    now: datetime = NOW,
    name: str = "",
) -> None:
    """What a visitor leaves at the door, and the look at it in the background."""
    sign_up = SignUp(
        subscriptions.mailbox_key(email),
        email,
        Preferences(),
        "network",
        "2026-11",
        now,
        name=name,
        invitation=None if invitation is None else invitation.id,
    )
    subscriptions.record_sign_ups(store, [sign_up], now=now)
    subscriptions.process_sign_ups(store, now=now, rule=rule)


def number(store: Store, email: str) -> int:
    with store.read() as unit:
        subscriber = unit.subscribers.by_email(email)
    assert subscriber is not None
    return subscriber.id


def state(store: Store, email: str) -> SubscriberState | None:
    with store.read() as unit:
        subscriber = unit.subscribers.by_email(email)
    return None if subscriber is None else subscriber.state


def confirm(
    store: Store, email: str, rule: SignUpRule, now: datetime = NOW
) -> ActionResult | SignUpRefusal:
    return subscriptions.confirm(store, number(store, email), network="", now=now, rule=rule)


def an_invitation(store: Store, uses: int = 1) -> Invitation:
    made = subscriptions.invite(store, uses=uses, expires_at=NOW + DAY, label="", now=NOW)
    return made.invitation


@pytest.mark.parametrize(
    ("domains", "address", "expected"),
    [
        ("lab.org", "a@lab.org", True),
        ("lab.org", "a@LAB.ORG", True),
        ("lab.org", "a@cs.lab.org", False),
        ("*.lab.org", "a@cs.lab.org", True),
        ("*.lab.org", "a@deep.cs.lab.org", True),
        ("*.lab.org", "a@lab.org", False),
        ("lab.org", "a@evillab.org", False),
        ("*.lab.org", "a@evillab.org", False),
        ("lab.org", "a@lab.org.evil.example", False),
        ("*.lab.org", "a@lab.org.evil.example", False),
        ("lab.org", "lab.org@evil.example", False),
        ("lab.org", '"a@lab.org"@evil.example', False),
        ("bücher.example", "a@xn--bcher-kva.example", True),
        ("xn--bcher-kva.example", "a@bücher.example", True),
        ("BÜCHER.example", "a@bu\u0308cher.example", True),
        ("lab.org", "a@ｌａｂ.org", True),
        ("lab.org", "a@lаb.org", False),  # a Cyrillic letter
        ("lab.org", "not an address", False),
    ],
)
def test_a_domain_is_compared_whole_as_the_mail_takes_it(
    domains: str, address: str, expected: bool
) -> None:
    assert is_at(address, domain_patterns((domains,))) is expected


def test_what_can_be_no_domain_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"DIGEST_SIGNUP_DOMAINS.*not a domain"):
        domain_patterns(("-.example",))


@pytest.mark.parametrize(
    ("rule", "address", "words"),
    [
        (CLOSED, "a@lab.example", "takes no new subscribers. If you think"),
        (INVITE, "a@lab.example", "by invitation only. Open the whole link"),
        (LAB, "a@other.example", "Only addresses at lab.example or any name below lab.example"),
    ],
)
def test_a_refusal_says_why_and_what_to_do(rule: SignUpRule, address: str, words: str) -> None:
    refusal = find_refusal(rule, address, None, now=NOW)
    assert refusal is not None
    assert words in str(refusal)
    assert refusal.mend


@pytest.mark.parametrize("rule", [OPEN, LAB])
def test_who_may_come_may(rule: SignUpRule) -> None:
    assert find_refusal(rule, "a@cs.lab.example", None, now=NOW) is None


def test_many_domains_are_named_shortly() -> None:
    rule = SignUpRule(SignUpMode.DOMAINS, tuple(f"{letter}.example" for letter in "abcde"))
    assert rule.domain_words == "a.example, b.example, c.example and 2 more domains"


def test_an_invitation_lets_in_so_many_as_it_says_and_counts_those_who_confirm(
    store: Store,
) -> None:
    invitation = an_invitation(store, uses=2)
    for email in ("a@one.example", "b@two.example", "c@three.example"):
        ask(store, email, INVITE, invitation)
    assert used(store) == 0
    assert confirm(store, "a@one.example", INVITE) is ActionResult.DONE
    assert confirm(store, "a@one.example", INVITE) is ActionResult.ALREADY
    assert confirm(store, "b@two.example", INVITE) is ActionResult.DONE
    assert used(store) == 2
    refusal = confirm(store, "c@three.example", INVITE)
    assert isinstance(refusal, SignUpRefusal)
    assert "used as often as it may be" in refusal.why
    assert state(store, "c@three.example") is SubscriberState.PENDING


def used(store: Store) -> int:
    with store.read() as unit:
        return sum(invitation.used for invitation in unit.invitations.list())


def test_ten_who_confirm_at_once_by_a_link_for_three_are_three(store: Store) -> None:
    invitation = an_invitation(store, uses=3)
    emails = [f"reader{index}@example.org" for index in range(10)]
    for email in emails:
        ask(store, email, INVITE, invitation)
    results: list[ActionResult | SignUpRefusal] = []
    threads = [
        threading.Thread(target=lambda email=email: results.append(confirm(store, email, INVITE)))
        for email in emails
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results.count(ActionResult.DONE) == 3
    assert len(results) == 10
    assert used(store) == 3


def test_a_confirmation_that_is_cut_off_uses_up_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(store, "a@one.example", INVITE, an_invitation(store))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("digest.store.confirmation_requests.ConfirmationRequests.reset", killed)
        with pytest.raises(KeyboardInterrupt):
            confirm(store, "a@one.example", INVITE)
    assert used(store) == 0
    assert state(store, "a@one.example") is SubscriberState.PENDING
    assert confirm(store, "a@one.example", INVITE) is ActionResult.DONE
    assert used(store) == 1


def test_a_guest_of_another_domain_comes_by_invitation_and_a_member_uses_none_up(
    store: Store,
) -> None:
    invitation = an_invitation(store)
    ask(store, "member@lab.example", LAB, invitation)
    ask(store, "guest@other.example", LAB, invitation)
    assert confirm(store, "member@lab.example", LAB) is ActionResult.DONE
    assert used(store) == 0
    assert confirm(store, "guest@other.example", LAB) is ActionResult.DONE
    assert used(store) == 1


@pytest.mark.parametrize("spoil", ["revoke", "wait"])
def test_an_invitation_that_ended_before_the_confirmation_lets_nobody_in(
    store: Store, spoil: str
) -> None:
    invitation = an_invitation(store)
    ask(store, "a@one.example", INVITE, invitation)
    if spoil == "revoke":
        subscriptions.revoke_invitation(store, invitation.id, now=NOW)
    refusal = confirm(
        store, "a@one.example", INVITE, NOW + (2 * DAY if spoil == "wait" else 0 * DAY)
    )
    assert isinstance(refusal, SignUpRefusal)
    assert ("withdrawn" if spoil == "revoke" else "ended on 2026-11-21") in refusal.why


@pytest.mark.parametrize("rule", [CLOSED, INVITE, LAB])
def test_a_rule_tightened_after_the_sign_up_holds_at_the_confirmation(
    store: Store, rule: SignUpRule
) -> None:
    ask(store, "a@other.example", OPEN)
    assert isinstance(confirm(store, "a@other.example", rule), SignUpRefusal)
    assert state(store, "a@other.example") is SubscriberState.PENDING


@pytest.mark.parametrize("rule", [CLOSED, INVITE, LAB])
def test_a_rule_tightened_before_anybody_looked_drops_the_sign_up(
    store: Store, rule: SignUpRule
) -> None:
    ask(store, "a@other.example", rule)
    assert state(store, "a@other.example") is None


@pytest.mark.parametrize("rule", [CLOSED, INVITE, LAB])
def test_who_left_comes_back_under_the_rule_only(store: Store, rule: SignUpRule) -> None:
    ask(store, "a@other.example", OPEN)
    confirm(store, "a@other.example", OPEN)
    subscriptions.unsubscribe(store, number(store, "a@other.example"), reason="left", now=NOW)
    ask(store, "a@other.example", OPEN, now=NOW + 2 * DAY)
    assert isinstance(confirm(store, "a@other.example", rule, NOW + 2 * DAY), SignUpRefusal)
    assert state(store, "a@other.example") is SubscriberState.UNSUBSCRIBED


@pytest.mark.parametrize("rule", [CLOSED, INVITE, LAB, SignUpRule(approval=True)])
def test_whom_the_operator_adds_is_bound_by_no_rule(store: Store, rule: SignUpRule) -> None:
    new = NewSubscriber("a@other.example", Preferences(), confirmed=False)
    subscriptions.add_subscriber(store, new, now=NOW)
    assert confirm(store, "a@other.example", rule) is ActionResult.DONE


def test_an_invitation_on_terms_that_make_no_sense_is_refused(store: Store) -> None:
    for uses, until in ((0, NOW + DAY), (10_001, NOW + DAY), (1, NOW)):
        with pytest.raises(SubscriberError):
            subscriptions.invite(store, uses=uses, expires_at=until, label="", now=NOW)
    with pytest.raises(SubscriberError, match="no such invitation"):
        subscriptions.revoke_invitation(store, 7, now=NOW)


def test_of_an_invitation_only_the_hash_is_kept(store: Store, tmp_path: Path) -> None:
    made = subscriptions.invite(store, uses=1, expires_at=NOW + DAY, label="guests", now=NOW)
    assert len(made.token) >= 22
    assert subscriptions.find_invitation(store, made.token) == made.invitation
    assert subscriptions.find_invitation(store, made.token[:-1]) is None
    store.close()
    for path in tmp_path.iterdir():
        assert made.token.encode() not in path.read_bytes()
