"""Readers come, shape what they get, and go, by the same rules at every door."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest import subscriptions
from digest.errors import SubscriberError
from digest.model import Frequency, MailFormat, Preferences, SubscriberState, Topic
from digest.store import Store, open_store

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
TOPICS = (Topic("3d", "3D"), Topic("audio", "Audio"), Topic("other", "Other"))


@pytest.fixture
def store() -> Iterator[Store]:
    store = open_store("sqlite://")
    store.migrate()
    yield store
    store.close()


def add(store: Store, email: str, *, confirmed: bool = True) -> subscriptions.AddResult:
    return subscriptions.add_subscriber(
        store, subscriptions.NewSubscriber(email, Preferences(), confirmed=confirmed), now=NOW
    )


def test_a_reader_the_operator_vouches_for_is_active_and_another_is_pending(store: Store) -> None:
    assert add(store, "a@example.org").subscriber.state is SubscriberState.ACTIVE
    assert add(store, "b@example.org", confirmed=False).subscriber.state is SubscriberState.PENDING


def test_adding_again_changes_nothing_but_can_confirm(store: Store) -> None:
    add(store, "a@example.org", confirmed=False)
    again = add(store, "A@Example.org", confirmed=True)
    assert again.subscriber.state is SubscriberState.ACTIVE
    assert not again.is_new
    assert "known already" in add(store, "a@example.org").words
    assert len(list(subscriptions.list_subscribers(store))) == 1


def test_who_left_is_not_brought_back_by_adding(store: Store) -> None:
    add(store, "a@example.org")
    subscriptions.unsubscribe_by_email(store, "a@example.org", reason="asked to", now=NOW)
    again = add(store, "a@example.org")
    assert again.subscriber.state is SubscriberState.UNSUBSCRIBED
    assert "left as it is" in again.words


def test_whose_mail_came_back_is_brought_back_by_the_operators_word_alone(store: Store) -> None:
    add(store, "a@example.org")
    add(store, "b@example.org")
    with store.begin() as unit:
        unit.subscribers.suppress("a@example.org", "bounced: 5.1.1", NOW)
        unit.subscribers.suppress("b@example.org", "complained", NOW)
    sheet = "email\na@example.org\nb@example.org\n"
    subscriptions.import_csv(store, sheet, topics=TOPICS, confirmed=True, now=NOW)
    unsure, angry = add(store, "a@example.org", confirmed=False), add(store, "b@example.org")
    assert {unsure.subscriber.state, angry.subscriber.state} == {SubscriberState.SUPPRESSED}
    again = add(store, "a@example.org")
    assert again.subscriber.state is SubscriberState.ACTIVE
    assert "came back" in again.words


def test_a_barred_address_of_which_nothing_else_is_known_is_said_to_be_barred(store: Store) -> None:
    with store.begin() as unit:
        unit.subscribers.suppress("a@example.org", "complained", NOW)
        unit.subscribers.suppress("b@example.org", "bounced: 5.1.1", NOW)
    barred = add(store, "a@example.org")
    assert barred.words == "left as it is: suppressed (complained)"
    assert add(store, "b@example.org").subscriber.state is SubscriberState.ACTIVE


def test_unsubscribing_twice_says_the_same(store: Store) -> None:
    add(store, "a@example.org")
    first = subscriptions.unsubscribe_by_email(store, "a@example.org", reason="asked", now=NOW)
    second = subscriptions.unsubscribe_by_email(store, "a@example.org", reason="again", now=NOW)
    assert first.state is second.state is SubscriberState.UNSUBSCRIBED
    assert second.state_reason == "asked"


def test_erasing_leaves_nothing_to_find(store: Store) -> None:
    add(store, "a@example.org")
    subscriptions.erase_by_email(store, "a@example.org", now=NOW)
    with pytest.raises(SubscriberError, match="no such subscriber"):
        subscriptions.find_by_email(store, "a@example.org")


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@", "@b.org", "a b@example.org", "a@b@c.org", "x" * 65 + "@example.org",
     "a@" + "d" * 64 + ".org", "a@example.org\nBcc: b@example.org", "<a@example.org>"],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_one_line(store: Store, address: str) -> None:
    with pytest.raises(SubscriberError, match="not a mail address") as caught:
        add(store, address)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("address", ["a@lab.local", "jörg@bücher.example", "a.b+c@sub.example.org"])
def test_unusual_but_good_addresses_are_taken(store: Store, address: str) -> None:
    assert add(store, address).subscriber.state is SubscriberState.ACTIVE


def test_a_csv_file_adds_its_good_rows_and_reports_the_bad(store: Store) -> None:
    text = (
        "email,topics,keywords,frequency,hour,timezone,max_papers,format\r\n"
        "a@example.org,3d;audio,gaussian splatting;-survey,weekdays,7,Asia/Kolkata,12,text\r\n"
        "not an address,,,,,,,\r\n"
        "b@example.org,unknown,,,,,,\r\n"
        "c@example.org,,,hourly,,,,\r\n"
        "d@example.org,,,,24,,,\r\n"
        "e@example.org,,,,,Mars/Olympus,,\r\n"
        "\r\n"
        "f@example.org,,,,,,,\r\n"
        "f@example.org,,,,,,,\r\n"
        "g@example.org,,,,,,,,surplus\r\n"
    )
    report = subscriptions.import_csv(store, text, topics=TOPICS, confirmed=True, now=NOW)
    assert (report.added, report.known) == (2, 1)
    assert [row.split(":")[0] for row in report.bad_rows] == [
        "row 3", "row 4", "row 5", "row 6", "row 7", "row 11",
    ]  # fmt: skip
    wants = subscriptions.find_by_email(store, "a@example.org").preferences
    assert wants == Preferences(
        topics=("3d", "audio"),
        keywords=("gaussian splatting",),
        exclude_keywords=("survey",),
        frequency=Frequency.WEEKDAYS,
        hour=7,
        timezone="Asia/Kolkata",
        max_papers=12,
        format=MailFormat.TEXT,
    )


def test_a_csv_file_needs_addresses(store: Store) -> None:
    for text in ("name,colour\nAda,red\n", "Ada\nBo\n"):
        with pytest.raises(SubscriberError, match="no column email"):
            subscriptions.import_csv(store, text, topics=TOPICS, confirmed=True, now=NOW)
    with pytest.raises(SubscriberError, match="empty"):
        subscriptions.import_csv(store, "\n", topics=TOPICS, confirmed=True, now=NOW)


def test_what_is_exported_can_be_imported_elsewhere(store: Store) -> None:
    text = (
        "email,topics,exclude,keywords,frequency,hour\n"
        'a@example.org,3d,"audio, crypto",splatting,weekly,9\n'
        '"o\'b@example.org",,,,,\n'
    )
    subscriptions.import_csv(store, text, topics=TOPICS, confirmed=True, now=NOW)
    other = open_store("sqlite://")
    other.migrate()
    exported = subscriptions.export_csv(store).text
    subscriptions.import_csv(other, exported, topics=TOPICS, confirmed=True, now=NOW)
    assert subscriptions.export_csv(other).text == exported
    wants = subscriptions.find_by_email(other, "a@example.org").preferences
    assert wants.exclude_topics == ("audio",)
    assert wants.exclude_keywords == ("crypto",)


@given(text=st.text(max_size=300))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_csv_text_whatever_is_a_traceback(store: Store, text: str) -> None:
    with contextlib.suppress(SubscriberError):
        subscriptions.import_csv(
            store, f"email,topics\n{text}", topics=TOPICS, confirmed=True, now=NOW
        )


def test_too_many_or_too_long_keywords_are_refused() -> None:
    with pytest.raises(SubscriberError, match="more than 50"):
        subscriptions.read_preferences(
            {"keywords": ";".join(f"word{n}" for n in range(51))}, topics=TOPICS
        )
    with pytest.raises(SubscriberError, match="longer than 80"):
        subscriptions.read_preferences({"keywords": "x" * 81}, topics=TOPICS)
