"""Stored words become values once: causes of suppression, kinds of mail, the reason of a pause."""

from __future__ import annotations

import pytest

from digest.model import (
    RecordPart,
    ServiceMailKind,
    SetAsideCause,
    Subscriber,
    SubscriberState,
    SuppressionCause,
    UnusableRecord,
    is_pause_reason,
    pause_reason,
)


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("bounced", SuppressionCause.BOUNCED),
        ("bounced: 5.1.1", SuppressionCause.BOUNCED),
        ("bounced on 5 days, the last: 4.2.2", SuppressionCause.BOUNCED),
        ("complained", SuppressionCause.COMPLAINED),
        ("left", SuppressionCause.LEFT),
        ("by the operator", None),
        ("leftovers", None),
        ("", None),
        (None, None),
    ],
)
def test_the_first_word_of_a_stored_reason_is_its_cause(
    reason: str | None, cause: SuppressionCause | None
) -> None:
    assert SuppressionCause.of(reason) is cause


@pytest.mark.parametrize("state", list(SubscriberState))
def test_only_a_suppressed_subscriber_is_suppressed_by_a_bounce(state: SubscriberState) -> None:
    subscriber = Subscriber(1, "ada@example.org", state, state_reason="bounced: 5.1.1")
    assert subscriber.suppressed_by_bounce is (state is SubscriberState.SUPPRESSED)


def test_a_kind_that_no_version_knows_is_unknown_and_harms_no_other() -> None:
    assert ServiceMailKind("welcome") is ServiceMailKind.WELCOME
    assert ServiceMailKind("farewell") is ServiceMailKind.UNKNOWN


def test_the_reason_of_a_pause_is_told_from_any_other() -> None:
    assert is_pause_reason(pause_reason("the relay refuses us"))
    assert not is_pause_reason("no new dump")


def test_the_reason_of_one_who_is_set_aside_is_stored_in_one_form() -> None:
    unusable = UnusableRecord(RecordPart.PREFERENCES, "are not text")
    subscriber = Subscriber(1, "ada@example.org", SubscriberState.ACTIVE, unusable=unusable)
    assert str(unusable) == "preferences: are not text"
    assert subscriber.set_aside == "their record cannot be used: preferences"
    assert subscriber.set_aside.startswith(SetAsideCause.RECORD.prefix)
    assert SetAsideCause.DEFECT.reason("KeyError") == "could not be composed: KeyError"
