"""Who got an edition, who did not, and why, by one command."""

from __future__ import annotations

from cli.conftest import Terminal
from cli.test_preview_mail import lead_to, page
from smtp_server.behaviours import Behaviour
from smtp_server.server import Sink

from digest.cli.deliveries import StateOption
from digest.model import DeliveryState

READERS = ["ada@example.org", "bo@example.org", "cy@example.org"]

WITHOUT_BO = Behaviour(
    rcpt=lambda to: "550 5.1.1 no such mailbox" if to == "bo@example.org" else None
)


def send_one_edition(digest: Terminal) -> None:
    digest.set("DIGEST_SOURCES", page(digest))
    digest("subscribers", "add", "--confirmed", *READERS)
    assert digest("run").code in (0, 1)


def test_a_line_for_each_subscriber_says_what_became_of_their_mail(digest: Terminal) -> None:
    with Sink() as relay:
        relay.behaviour = WITHOUT_BO
        lead_to(digest, relay)
        send_one_edition(digest)
    answer = digest("deliveries")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert [line.split()[:2] for line in lines[:3]] == [
        ["accepted", "ada@example.org"],
        ["rejected", "bo@example.org"],
        ["accepted", "cy@example.org"],
    ]
    assert "550 5.1.1 no such mailbox" in lines[1]
    assert lines[3] == "in all: 2 accepted, 1 rejected"


def test_only_those_in_a_state_and_for_programs(digest: Terminal) -> None:
    with Sink() as relay:
        relay.behaviour = WITHOUT_BO
        lead_to(digest, relay)
        send_one_edition(digest)
    (rejected,) = digest("deliveries", "--state", "rejected", "--json").lines
    assert rejected["email"] == "bo@example.org"
    assert rejected["state"] == "rejected"
    assert rejected["reply"].startswith("550 5.1.1")
    assert rejected["edition"].startswith("daily ")
    day = rejected["edition"].split()[1]
    assert len(digest("deliveries", "--edition", day, "--json").lines) == 3


def test_more_than_the_limit_is_told_to_people_and_to_programs(digest: Terminal) -> None:
    with Sink() as relay:
        lead_to(digest, relay)
        send_one_edition(digest)
    told = "the first 2 of 3 are shown; --limit shows more"
    answer = digest("deliveries", "--limit", "2")
    assert len(answer.out.splitlines()) == 3
    assert told in answer.err
    answer = digest("deliveries", "--limit", "2", "--json")
    assert len(answer.lines) == 2
    assert told in answer.err


def test_as_many_as_the_limit_are_all_of_them(digest: Terminal) -> None:
    with Sink() as relay:
        lead_to(digest, relay)
        send_one_edition(digest)
    assert digest("deliveries", "--limit", "3").err == ""


def test_every_state_of_a_delivery_can_be_asked_for() -> None:
    assert [str(option) for option in StateOption] == [str(state) for state in DeliveryState]


def test_no_edition_is_told_in_one_line(digest: Terminal) -> None:
    digest("migrate")
    answer = digest("deliveries")
    assert (answer.code, answer.err) == (
        1,
        "digest: no edition is published. See: digest status\n",
    )
    answer = digest("deliveries", "--edition", "2026-11-20")
    assert answer.err.startswith("digest: no edition of 2026-11-20 is published")
