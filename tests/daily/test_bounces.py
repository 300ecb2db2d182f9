"""What follows for readers from mail that comes back, through the store and all."""

from __future__ import annotations

import csv
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from bounce_samples import (
    ADDRESS,
    KEYS,
    BounceInstallation,
    bounce,
    complaint,
    leave_token,
    return_path,
    wish,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import subscriptions
from digest.daily.bounces import (
    ALARM_FLAG,
    NOT_KEPT_FLAG,
    BounceEffect,
    recurring_problem,
)
from digest.errors import TemporaryError
from digest.mail.tokens import sign_bounce_token, sign_token
from digest.model import Preferences, SignUp, SubscriberState
from digest.subscriptions import ActionResult, SignUpRefusal

CORPUS = Path(__file__).parents[1] / "bounces" / "corpus"


@pytest.fixture
def installation(tmp_path: Path) -> BounceInstallation:
    return BounceInstallation(tmp_path)


# The corpus, each message about a delivery to a reader of its own.


def corpus() -> list[dict[str, str]]:
    with (CORPUS / "expected.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


ENCODED = "base64-status"
"""The one message in which the reader's address cannot be replaced by just writing over it."""


def addressed(case: dict[str, str], delivery_id: int, email: str) -> bytes:
    """A message of the corpus with that delivery's token and that reader's address."""
    raw = (CORPUS / f"{case['message']}.eml").read_bytes()
    token = sign_bounce_token(delivery_id, KEYS).encode()
    raw = re.sub(rb"\bgood-\d+", token, raw, flags=re.IGNORECASE)
    return re.sub(rb"\breader@example\.net", email.encode(), raw)


def test_the_corpus_changes_what_it_should_and_nothing_else(
    installation: BounceInstallation,
) -> None:
    cases = corpus()
    assert len(cases) >= 60
    emails = [
        "reader@example.net" if case["message"] == ENCODED else f"reader{i}@example.net"
        for i, case in enumerate(cases)
    ]
    subscribers = [installation.subscribe(email) for email in emails]
    deliveries = installation.send(subscribers)
    attributed = borne = 0
    for case, subscriber, delivery_id, email in zip(
        cases, subscribers, deliveries, emails, strict=True
    ):
        before = installation.known(subscriber)
        taken = installation.take(addressed(case, delivery_id, email))
        assert taken.meaning == case["meaning"], case
        bears_token = case["delivery"] != "-"
        borne += bears_token
        attributed += taken.delivery_id == (delivery_id if bears_token else None)
        if not bears_token or case["meaning"] == "not a failure":
            assert installation.known(subscriber) == before, case
        suppressed = installation.state(subscriber) is SubscriberState.SUPPRESSED
        ends_it = case["meaning"] in ("no such reader", "complaint") and bears_token
        assert suppressed is ends_it, case
        if suppressed:
            assert case["status"][:4] in ("5.1.", "5.2.", "-"), case
    for subscriber in subscribers:
        assert len(installation.events(subscriber)) <= 1
    assert borne >= 60
    assert attributed >= 0.99 * len(cases)


def test_the_corpus_a_second_time_changes_nothing(installation: BounceInstallation) -> None:
    cases = [case for case in corpus() if case["message"] != ENCODED]
    subscribers = [installation.subscribe(f"reader{i}@example.net") for i in range(len(cases))]
    messages = [
        addressed(case, delivery_id, subscriber.email)
        for case, subscriber, delivery_id in zip(
            cases, subscribers, installation.send(subscribers), strict=True
        )
    ]
    for raw in messages:
        installation.take(raw)
    before, files = installation.everything(), installation.quarantine.waiting()
    installation.later(days=1)
    for raw in messages:
        installation.take(raw)
    assert installation.everything() == before
    assert files.files == installation.quarantine.waiting().files


# One reader.


def test_an_address_that_does_not_exist_gets_nothing_more(installation: BounceInstallation) -> None:
    subscriber, delivery_id = installation.subscriber_with_delivery()
    taken = installation.take(
        bounce(delivery_id, words="550 5.1.1 <reader@example.net> is unknown")
    )
    assert taken.effect is BounceEffect.SUPPRESSED
    found = installation.now(subscriber)
    assert found is not None
    assert (found.state, found.state_reason) == (SubscriberState.SUPPRESSED, "bounced: 5.1.1")
    [event] = installation.events(subscriber, "suppressed")
    assert event.detail["status"] == "5.1.1"
    assert event.detail["delivery"] == str(delivery_id)


def test_the_reason_that_outlives_an_erasure_names_nobody(installation: BounceInstallation) -> None:
    subscriber, delivery_id = installation.subscriber_with_delivery()
    installation.take(bounce(delivery_id, words="550 5.1.1 <reader@example.net> is unknown"))
    with installation.store.begin() as unit:
        unit.subscribers.erase(subscriber.id)
        assert unit.subscribers.suppressed("reader@example.net") == "bounced: 5.1.1"


def test_a_full_mailbox_counts_a_point_a_day_and_ends_it_on_the_fifth(
    installation: BounceInstallation,
) -> None:
    subscriber = installation.subscribe()
    effects = []
    for _ in range(5):
        [delivery_id] = installation.send([subscriber])
        effects.append(installation.take(bounce(delivery_id, "5.2.2")).effect)
        [another] = installation.send([subscriber])
        installation.take(bounce(another, "5.2.2"))
        installation.later(days=1)
    assert effects == [BounceEffect.COUNTED] * 4 + [BounceEffect.SUPPRESSED]
    found = installation.now(subscriber)
    assert found is not None
    assert found.state_reason == "bounced on 5 days, the last: 5.2.2"


def test_points_are_forgotten_after_a_quiet_week(installation: BounceInstallation) -> None:
    subscriber = installation.subscribe()
    for _ in range(4):
        installation.take(bounce(installation.send([subscriber])[0], "4.2.2"))
        installation.later(days=1)
    assert installation.points(subscriber) == 4
    installation.later(days=8)
    installation.take(bounce(installation.send([subscriber])[0], "4.2.2"))
    assert installation.points(subscriber) == 1


def test_a_delivery_counts_once_whenever_its_bounces_come(installation: BounceInstallation) -> None:
    subscriber, delivery_id = installation.subscriber_with_delivery()
    for _ in range(6):
        installation.take(bounce(delivery_id, "4.2.2"))
        installation.later(days=1)
    assert installation.points(subscriber) == 1
    assert len(installation.events(subscriber)) == 1


def test_worse_news_of_the_same_delivery_still_counts(installation: BounceInstallation) -> None:
    subscriber, delivery_id = installation.subscriber_with_delivery()
    installation.take(bounce(delivery_id, "4.4.1", action="delayed"))
    installation.take(bounce(delivery_id, "4.4.7"))
    assert installation.state(subscriber) is SubscriberState.ACTIVE
    installation.take(bounce(delivery_id, "5.1.1"))
    assert installation.state(subscriber) is SubscriberState.SUPPRESSED


def test_what_is_about_us_is_an_alarm_that_a_status_tells_for_a_week(
    installation: BounceInstallation,
) -> None:
    one, other = (
        installation.subscribe("one@example.net"),
        installation.subscribe("other@example.net"),
    )
    for subscriber, delivery_id in zip((one, other), installation.send([one, other]), strict=True):
        raw = bounce(
            delivery_id,
            "5.7.1",
            recipient=subscriber.email,
            words=(
                f"550 5.7.1 <{subscriber.email}>: 192.0.2.10 is listed, see "
                "https://example.org/list"
            ),
        )
        assert installation.take(raw).effect is BounceEffect.ALARM
        assert installation.take(raw).effect is BounceEffect.NOTHING
        assert installation.state(subscriber) is SubscriberState.ACTIVE
        assert installation.points(subscriber) == 0
    with installation.store.read() as unit:
        known = recurring_problem(unit, ALARM_FLAG, installation.clock())
        assert known is not None
        assert known.count == 2
        assert "192.0.2.10 is listed" in known.words
        assert "@" not in known.words
        assert recurring_problem(unit, ALARM_FLAG, installation.clock() + timedelta(days=8)) is None
    assert installation.kept() == ["about-us"]
    assert installation.quarantine.waiting().files == 1


def test_a_complaint_ends_it_whatever_the_state_was(installation: BounceInstallation) -> None:
    subscriber, delivery_id = installation.subscriber_with_delivery()
    subscriptions.unsubscribe(
        installation.store, subscriber.id, reason="left", now=installation.clock()
    )
    installation.take(complaint(delivery_id))
    found = installation.now(subscriber)
    assert found is not None
    assert (found.state, found.state_reason) == (SubscriberState.SUPPRESSED, "complained")


def test_a_complaint_outweighs_a_bounce_but_no_bounce_a_complaint(
    installation: BounceInstallation,
) -> None:
    subscriber = installation.subscribe()
    first, second = installation.send([subscriber])[0], installation.send([subscriber])[0]
    installation.take(bounce(first))
    installation.take(complaint(second))
    installation.take(bounce(second))
    found = installation.now(subscriber)
    assert found is not None
    assert found.state_reason == "complained"
    with installation.store.read() as unit:
        assert unit.subscribers.suppressed("reader@example.net") == "complained"


def test_the_next_edition_leaves_out_who_was_suppressed(installation: BounceInstallation) -> None:
    _, delivery_id = installation.subscriber_with_delivery()
    installation.take(bounce(delivery_id))
    with installation.store.read() as unit:
        assert unit.subscribers.active() == ()


# Forgeries.


@pytest.mark.parametrize("status", ["5.1.1", "5.2.1", "4.2.2", "5.7.1"])
def test_a_forged_bounce_changes_nothing_and_is_kept(
    installation: BounceInstallation, status: str
) -> None:
    _, delivery_id = installation.subscriber_with_delivery()
    before = installation.everything()
    other_list = return_path(delivery_id, ("the key of another list",))
    for to in ("bounces@list.example", other_list, "bounces+0000@list.example"):
        assert (
            installation.take(bounce(delivery_id, status, to=to)).effect is BounceEffect.QUARANTINED
        )
    assert installation.everything() == before
    assert installation.kept() == ["no-token"]


def test_a_token_does_not_serve_against_somebody_else(installation: BounceInstallation) -> None:
    mine, theirs = (
        installation.subscriber_with_delivery("mine@example.org"),
        installation.subscriber_with_delivery("theirs@example.net"),
    )
    before = installation.everything()
    taken = installation.take(bounce(mine[1], recipient="theirs@example.net"))
    assert taken.meaning == "about someone else"
    again = installation.take(complaint(mine[1], recipient="theirs@example.net"))
    assert again.effect is BounceEffect.NOT_QUARANTINED
    assert installation.everything() == before
    assert installation.kept() == ["about-someone-else"]
    assert installation.state(theirs[0]) is SubscriberState.ACTIVE


def test_a_forwarded_mail_that_comes_back_is_told_by_what_was_returned(
    installation: BounceInstallation,
) -> None:
    subscriber, delivery_id = installation.subscriber_with_delivery("alumna@example.edu")
    raw = bounce(
        delivery_id,
        recipient="her.new@example.net",
        original="To: alumna@example.edu\nSubject: Papers",
    )
    assert installation.take(raw).effect is BounceEffect.SUPPRESSED
    assert installation.state(subscriber) is SubscriberState.SUPPRESSED


def test_an_address_is_known_in_both_spellings_of_its_domain(
    installation: BounceInstallation,
) -> None:
    subscriber, delivery_id = installation.subscriber_with_delivery("leser@bücher.example")
    installation.take(bounce(delivery_id, recipient="leser@xn--bcher-kva.example"))
    assert installation.state(subscriber) is SubscriberState.SUPPRESSED


def test_a_complaint_may_have_the_reader_blotted_out(installation: BounceInstallation) -> None:
    subscriber, delivery_id = installation.subscriber_with_delivery()
    installation.take(complaint(delivery_id, recipient="Jc8gQ==@example.net"))
    assert installation.state(subscriber) is SubscriberState.SUPPRESSED


def test_a_bounce_for_a_reader_who_was_erased_changes_nothing(
    installation: BounceInstallation,
) -> None:
    subscriber, delivery_id = installation.subscriber_with_delivery()
    subscriptions.erase_subscriber(installation.store, subscriber.id, now=installation.clock())
    taken = installation.take(bounce(delivery_id))
    assert (taken.effect, taken.reason) == (BounceEffect.NOTHING, "the reader is forgotten")
    assert installation.kept() == []
    with installation.store.read() as unit:
        assert unit.subscribers.suppressed("reader@example.net") == "left"


def test_the_address_that_a_pipe_names_counts(installation: BounceInstallation) -> None:
    subscriber, delivery_id = installation.subscriber_with_delivery()
    raw = bounce(delivery_id, to="undisclosed-recipients:;")
    assert installation.take(raw).effect is BounceEffect.QUARANTINED
    installation.take(raw, envelope_recipient=return_path(delivery_id).upper())
    assert installation.state(subscriber) is SubscriberState.SUPPRESSED


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> BounceInstallation:
    """A installation for many messages, of which none may change anything, with delivery 1 to a reader."""
    installation = BounceInstallation(tmp_path_factory.mktemp("noise"))
    assert installation.subscriber_with_delivery()[1] == 1
    return installation


@settings(max_examples=300, deadline=None)
@given(noise=st.binary(max_size=400), in_a_bounce=st.booleans(), at=st.integers(0, 700))
def test_noise_never_stops_it_and_never_suppresses(
    quiet: BounceInstallation, noise: bytes, in_a_bounce: bool, at: int
) -> None:
    before = quiet.everything()
    forged = bounce(1, to=return_path(1, ("another key",)))
    raw = forged[:at] + noise + forged[at:] if in_a_bounce else noise
    assert quiet.take(raw).effect in (
        BounceEffect.QUARANTINED,
        BounceEffect.NOT_QUARANTINED,
        BounceEffect.NOTHING,
    )
    assert quiet.everything() == before


def test_a_huge_message_is_read_as_far_as_a_report_goes(installation: BounceInstallation) -> None:
    subscriber, delivery_id = installation.subscriber_with_delivery()
    installation.take(bounce(delivery_id) + b"x" * 3_000_000)
    assert installation.state(subscriber) is SubscriberState.SUPPRESSED
    installation.take(b"To: bounces@list.example\n\n" + b"y" * 3_000_000)
    assert installation.quarantine.waiting().octets <= 256 * 1024


# Coming back.


def test_who_was_suppressed_by_bounces_comes_back_by_a_confirmed_sign_up(
    installation: BounceInstallation,
) -> None:
    subscriber, delivery_id = installation.subscriber_with_delivery()
    installation.take(bounce(delivery_id))

    def confirm() -> ActionResult | SignUpRefusal:
        return subscriptions.confirm(
            installation.store, subscriber.id, network="", now=installation.clock()
        )

    assert confirm() is ActionResult.CAME_BACK
    installation.later(days=2)
    ask(installation, "reader@example.net")
    with installation.store.read() as unit:
        assert unit.service_mails.waiting() == 1
    assert installation.state(subscriber) is SubscriberState.SUPPRESSED
    assert confirm() is ActionResult.DONE
    assert installation.state(subscriber) is SubscriberState.ACTIVE
    assert installation.points(subscriber) == 0
    with installation.store.read() as unit:
        assert unit.subscribers.suppressed("reader@example.net") is None


def test_a_bounce_of_a_mail_from_before_the_click_says_nothing_any_more(
    installation: BounceInstallation,
) -> None:
    subscriber = installation.subscribe()
    first, second = installation.send([subscriber])[0], installation.send([subscriber])[0]
    installation.take(bounce(first))
    installation.later(days=2)
    ask(installation, "reader@example.net")
    subscriptions.confirm(installation.store, subscriber.id, network="", now=installation.clock())
    late = installation.take(bounce(second))
    again = installation.take(bounce(first))
    assert (late.effect, again.effect) == (BounceEffect.NOTHING, BounceEffect.NOTHING)
    assert installation.state(subscriber) is SubscriberState.ACTIVE


def test_who_complained_is_sent_no_letter_and_no_click_helps(
    installation: BounceInstallation,
) -> None:
    subscriber, delivery_id = installation.subscriber_with_delivery()
    installation.take(complaint(delivery_id))
    installation.later(days=2)
    ask(installation, "reader@example.net")
    with installation.store.read() as unit:
        assert unit.service_mails.waiting() == 0
    found = subscriptions.confirm(
        installation.store, subscriber.id, network="", now=installation.clock()
    )
    assert found is ActionResult.BARRED
    assert installation.state(subscriber) is SubscriberState.SUPPRESSED


def ask(installation: BounceInstallation, email: str) -> None:
    """A visitor signs up."""
    asked = subscriptions.record_sign_ups(
        installation.store,
        [
            SignUp(
                mailbox=subscriptions.mailbox_key(email),
                email=email,
                preferences=Preferences(),
                network="",
                wording="1",
                due_at=installation.clock(),
            )
        ],
        now=installation.clock(),
    )
    assert asked
    subscriptions.process_sign_ups(installation.store, now=installation.clock())


# Leaving by mail.


@pytest.mark.parametrize(
    "subject",
    ["unsubscribe {}", "Unsubscribe {}", "Re: unsubscribe  {}", "unsubscribe\n {}",
     "=?utf-8?q?unsubscribe_{}?="],
)  # fmt: skip
def test_a_mail_with_the_readers_token_unsubscribes(
    installation: BounceInstallation, subject: str
) -> None:
    subscriber = installation.subscribe()
    raw = wish(subject.format(leave_token(subscriber)), sender="another.address@example.org")
    assert installation.take(raw).effect is BounceEffect.UNSUBSCRIBED
    assert installation.take(raw).effect is BounceEffect.NOTHING
    found = installation.now(subscriber)
    assert found is not None
    assert (found.state, found.state_reason) == (
        SubscriberState.UNSUBSCRIBED, "unsubscribed by mail",
    )  # fmt: skip
    [event] = installation.events(subscriber, "unsubscribed")
    assert event.detail["origin"] == "mail"
    with installation.store.read() as unit:
        assert unit.service_mails.waiting() == 0


def test_a_last_mail_is_sent_where_the_operator_wants_one(tmp_path: Path) -> None:
    installation = BounceInstallation(tmp_path, goodbye=True)
    installation.take(wish(f"unsubscribe {leave_token(installation.subscribe())}"))
    with installation.store.read() as unit:
        assert unit.service_mails.waiting() == 1


PROVEN = "mx.list.example; dmarc=pass (p=reject) header.from=example.net"


def vouched(raw: bytes, *results: str) -> bytes:
    """The message with these ``Authentication-Results`` on top."""
    return "".join(f"Authentication-Results: {one}\n" for one in results).encode() + raw


@pytest.mark.parametrize("subject", ["unsubscribe", "Re: Unsubscribe", "unsubscribe torn-tok"])
def test_a_sender_whom_our_mail_server_vouches_for_leaves(
    installation: BounceInstallation, subject: str
) -> None:
    installation.authserv_id = "MX.list.example"
    subscriber, other = installation.subscribe(), installation.subscribe("other@example.net")
    assert installation.take(vouched(wish(subject), PROVEN)).effect is BounceEffect.UNSUBSCRIBED
    assert installation.state(subscriber) is SubscriberState.UNSUBSCRIBED
    assert installation.state(other) is SubscriberState.ACTIVE
    [event] = installation.events(subscriber, "unsubscribed")
    assert event.detail["origin"] == "mail, its sender proven"
    assert installation.letters() == []


@pytest.mark.parametrize(
    "results",
    [
        (),
        ("mx.list.example; dmarc=fail header.from=example.net", PROVEN),
        ("mx.list.example; none", PROVEN),
        ("mx.list.example; dmarc=pass (open header.from=example.net", PROVEN),
        (PROVEN.replace("mx.", "mx2."),),
        (PROVEN.replace("example.net", "example.org"),),
        ("mx.list.example; dmarc=fail (dmarc=pass header.from=example.net)",),
        ('mx.list.example; dkim=fail reason="; dmarc=pass header.from=example.net"',),
        (
            "mx.list.example; dkim=pass header.d=evil.example; spf=pass "
            "smtp.mailfrom=a@evil.example",
        ),
    ],
)
def test_a_forged_wish_to_leave_only_asks_the_reader(
    installation: BounceInstallation, results: tuple[str, ...]
) -> None:
    installation.authserv_id = "mx.list.example"
    subscriber = installation.subscribe()
    taken = installation.take(vouched(wish("unsubscribe"), *results))
    assert taken.effect is BounceEffect.ANSWERED
    assert "@" not in taken.summary
    assert installation.state(subscriber) is SubscriberState.ACTIVE
    assert installation.letters() == ["leave"]


def test_nobody_is_believed_where_no_mail_server_is_named(installation: BounceInstallation) -> None:
    subscriber = installation.subscribe()
    assert (
        installation.take(vouched(wish("unsubscribe"), PROVEN, "; " + PROVEN)).effect
        is BounceEffect.ANSWERED
    )
    assert installation.state(subscriber) is SubscriberState.ACTIVE


def test_a_reader_is_asked_once_a_day_and_three_times_in_all(
    installation: BounceInstallation,
) -> None:
    subscriber = installation.subscribe()
    effects = []
    for _ in range(4):
        effects += [installation.take(wish("unsubscribe")).effect for _ in range(3)]
        installation.later(days=1, minutes=1)
    asked, nothing, kept = BounceEffect.ANSWERED, BounceEffect.NOTHING, BounceEffect.QUARANTINED
    assert effects == [asked, nothing, nothing] * 3 + [kept] * 3
    assert installation.kept() == ["asks-to-leave"]
    assert installation.quarantine.waiting().files == 1
    assert installation.state(subscriber) is SubscriberState.ACTIVE


def test_who_has_left_or_never_confirmed_is_not_asked(installation: BounceInstallation) -> None:
    subscriber = installation.subscribe()
    subscriptions.unsubscribe(
        installation.store, subscriber.id, reason="left", now=installation.clock()
    )
    ask(installation, "other@example.net")
    assert installation.take(wish("unsubscribe")).effect is BounceEffect.NOTHING
    assert (
        installation.take(wish("unsubscribe", sender="other@example.net")).effect
        is BounceEffect.NOTHING
    )
    assert "leave" not in installation.letters()


@pytest.mark.parametrize(
    "field",
    ["Auto-Submitted: auto-generated", "Auto-Submitted: auto-replied (vacation)", "Precedence: list",
     "Precedence: bulk", "Precedence: junk", "List-Id: <a.b>", "List-Unsubscribe: <mailto:a@b.c>",
     "Return-Path: <>", "X-Loop: a@b.c", "X-Auto-Response-Suppress: All", "X-Autoreply: yes"],
)  # fmt: skip
def test_programs_and_lists_are_never_answered(
    installation: BounceInstallation, field: str
) -> None:
    subscriber = installation.subscribe()
    installation.authserv_id = "mx.list.example"
    raw = vouched(wish("unsubscribe"), PROVEN).replace(
        b"MIME-Version", field.encode() + b"\nMIME-Version"
    )
    assert installation.take(raw).effect in (BounceEffect.QUARANTINED, BounceEffect.NOTHING)
    assert installation.state(subscriber) is SubscriberState.ACTIVE
    assert installation.letters() == []


def test_the_answer_itself_is_not_answered(installation: BounceInstallation) -> None:
    """Where the bounce address itself is subscribed, or a mailbox sends back whatever comes."""
    installation.subscribe(ADDRESS)
    installation.take(wish("unsubscribe", sender=ADDRESS))
    assert installation.letters() == ["leave"]
    returned = wish("Unsubscribe from Daily Papers?", sender=ADDRESS).replace(
        b"MIME-Version", b"Auto-Submitted: auto-replied\nMIME-Version"
    )
    installation.later(days=2)
    assert installation.take(returned).effect is not BounceEffect.ANSWERED
    assert installation.letters() == ["leave"]


@pytest.mark.parametrize(
    "sender",
    ["stranger@example.org", "", "nobody", "reader@example.net, other@example.net", "<>",
     "reader@example.net\nFrom: other@example.net"],
)  # fmt: skip
def test_a_wish_to_leave_of_nobody_known_waits_for_a_person(
    installation: BounceInstallation, sender: str
) -> None:
    installation.subscribe(), installation.subscribe("other@example.net")
    before = installation.everything()
    assert installation.take(wish("unsubscribe", sender=sender)).effect is BounceEffect.QUARANTINED
    assert installation.everything() == before
    assert installation.kept() == ["asks-to-leave"]


def test_a_program_that_says_unsubscribe_is_not_its_reader(
    installation: BounceInstallation,
) -> None:
    subscriber = installation.subscribe()
    raw = wish("unsubscribe").replace(
        b"MIME-Version", b"Auto-Submitted: auto-replied\nMIME-Version"
    )
    assert installation.take(raw).effect is BounceEffect.NOTHING
    assert installation.state(subscriber) is SubscriberState.ACTIVE


def test_a_token_for_something_else_does_not_unsubscribe(installation: BounceInstallation) -> None:
    subscriber = installation.subscribe()
    other = sign_token("preferences", subscriber.id, KEYS)
    taken = installation.take(wish(f"unsubscribe {other}", sender="stranger@example.org"))
    assert taken.effect is BounceEffect.QUARANTINED
    assert installation.state(subscriber) is SubscriberState.ACTIVE


def test_the_wish_of_a_reader_who_was_erased_is_granted(installation: BounceInstallation) -> None:
    subscriber = installation.subscribe()
    token = leave_token(subscriber)
    subscriptions.erase_subscriber(installation.store, subscriber.id, now=installation.clock())
    assert installation.take(wish(f"unsubscribe {token}")).effect is BounceEffect.NOTHING


# What no person need see, and what one must.


def test_the_bounce_of_a_letter_is_nothing_to_look_at(installation: BounceInstallation) -> None:
    original = f"Message-ID: <confirm.{'0af3' * 6}@list.example>\nSubject: Please confirm"
    taken = installation.take(bounce(1, to="bounces@list.example", original=original))
    assert (taken.meaning, taken.effect) == ("of a letter", BounceEffect.NOTHING)
    elsewhere = original.replace("list.example", "other.example")
    assert (
        installation.take(bounce(1, to="bounces@list.example", original=elsewhere)).effect
        is BounceEffect.QUARANTINED
    )


def test_one_token_does_not_fill_the_quarantine(installation: BounceInstallation) -> None:
    mine, theirs = installation.send(
        [installation.subscribe(f"reader{n}@example.net") for n in range(2)]
    )
    words = "To: %s\nSubject: hello %d\n\nDear list"
    taken = [
        installation.take((words % (return_path(mine), number)).encode()) for number in range(40)
    ]
    assert [one.effect for one in taken] == [BounceEffect.QUARANTINED] + [
        BounceEffect.NOT_QUARANTINED
    ] * 39
    assert "one like it is kept" in taken[-1].reason
    assert (
        installation.take((words % (return_path(mine), 0)).encode()).effect
        is BounceEffect.QUARANTINED
    )
    assert installation.quarantine.waiting().files == 1
    assert (
        installation.take((words % (return_path(theirs), 0)).encode()).effect
        is BounceEffect.QUARANTINED
    )
    with installation.store.read() as unit:
        known = recurring_problem(unit, NOT_KEPT_FLAG, installation.clock())
    assert known is not None
    assert known.count == 39


def test_a_full_quarantine_keeps_room_for_what_bears_a_token(
    installation: BounceInstallation,
) -> None:
    deliveries = installation.send(
        [installation.subscribe(f"reader{n}@example.net") for n in range(5)]
    )
    for number in range(40):
        installation.take(b"Subject: spam %d\n\n" % number)
    assert installation.quarantine.waiting().files == 16
    assert installation.take(b"Subject: more spam\n\n").effect is BounceEffect.NOT_QUARANTINED
    personal = "To: %s\nSubject: a word\n\nDear list"
    effects = [
        installation.take((personal % return_path(number)).encode()).effect for number in deliveries
    ]
    assert effects == [BounceEffect.QUARANTINED] * 4 + [BounceEffect.LEFT_IN_MAILBOX]
    assert installation.quarantine.waiting().files == 20
    with installation.store.read() as unit:
        known = recurring_problem(unit, NOT_KEPT_FLAG, installation.clock())
        flag = unit.runs.flag(NOT_KEPT_FLAG)
    assert known is not None
    assert known.count == 26
    assert json.loads(flag or "")["count"] == 26


def test_a_quarantine_that_cannot_be_written_loses_nothing(tmp_path: Path) -> None:
    installation = BounceInstallation(tmp_path)
    (tmp_path / "quarantine").write_text("a file in its place")
    with pytest.raises(TemporaryError, match="cannot be kept"):
        installation.take(b"Subject: what is this\n\n")


def test_an_alarm_that_cannot_be_kept_is_one_again_when_it_comes_again(
    installation: BounceInstallation,
) -> None:
    _, delivery_id = installation.subscriber_with_delivery()
    raw = bounce(delivery_id, "5.7.1", words="550 5.7.1 we know you too well")
    in_its_place = installation.quarantine.folder
    in_its_place.write_text("a file")
    with pytest.raises(TemporaryError, match="cannot be kept"):
        installation.take(raw)
    in_its_place.unlink()
    assert installation.take(raw).effect is BounceEffect.ALARM
    assert installation.kept() == ["about-us"]


def test_an_absence_notice_is_neither_kept_nor_counted(installation: BounceInstallation) -> None:
    _, delivery_id = installation.subscriber_with_delivery()
    before = installation.everything()
    raw = (
        f"From: reader@example.net\nTo: {return_path(delivery_id)}\nSubject: Out of office\n\nBack"
    )
    assert installation.take(raw.encode()).effect is BounceEffect.NOTHING
    assert installation.everything() == before
    assert installation.kept() == []


def test_what_is_printed_names_no_address(installation: BounceInstallation) -> None:
    _, delivery_id = installation.subscriber_with_delivery()
    for raw in (
        bounce(delivery_id, "5.7.1", words="550 5.7.1 <reader@example.net> refused"),
        bounce(delivery_id, "5.2.2"),
        bounce(delivery_id, "5.1.1"),
        bounce(0, "4.4.1", to=ADDRESS, action="delayed", words="451 <reader@example.net> later"),
        wish("unsubscribe"),
        wish("hello"),
    ):
        taken = installation.take(raw)
        assert "@" not in taken.summary + json.dumps(taken.as_dict())


def test_a_terminal_shows_what_another_system_said_and_does_not_obey_it(
    installation: BounceInstallation,
) -> None:
    _, delivery_id = installation.subscriber_with_delivery()
    taken = installation.take(
        bounce(delivery_id, "5.7.1", words="550 no\x1b[2J\x1b]0;me\x07\nLog: all well")
    )
    assert taken.summary.isprintable()
    assert "no?[2J" in taken.summary
