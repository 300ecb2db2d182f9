"""Nobody's mailbox is filled by our form: three mails, one press for never again, and no word of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from web.site_fixture import (
    RunningSite,
    Visitor,
    page_links,
    visible_text,
)

from digest import subscriptions
from digest.model import Preferences, SubscriberState
from digest.subscriptions import SignUpLimits

VICTIM = "victim@example.org"


def letters_to_victim(running_site: RunningSite) -> int:
    return len(running_site.transport.to(VICTIM))


def a_day_of_abuse(running_site: RunningSite, email: str = VICTIM) -> int:
    """Somebody types the victim's address once more, a day later."""
    running_site.later(hours=25)
    answer = running_site.sign_up(email)
    assert answer.status_code == 200
    assert "Check your inbox" in visible_text(answer)
    running_site.send_service_mails()
    return letters_to_victim(running_site)


def the_link(running_site: RunningSite, purpose: str) -> str:
    html = running_site.transport.to(VICTIM)[-1].get_body(("html",)).get_content()  # type: ignore[union-attr]
    (found,) = [link for link in page_links(html) if f"/{purpose}/" in link]
    return found


def test_a_victim_who_never_answers_gets_three_mails_and_then_none(
    running_site: RunningSite,
) -> None:
    counts = [a_day_of_abuse(running_site) for _ in range(40)]
    assert counts == [1, 2, *[3] * 38]
    with running_site.store.read() as unit:
        assert unit.subscribers.by_email(VICTIM) is None
    running_site.later(days=90)
    assert a_day_of_abuse(running_site) == 4
    assert a_day_of_abuse(running_site) == 5


def test_the_tags_of_an_address_are_one_mailbox(running_site: RunningSite) -> None:
    for number in range(6):
        a_day_of_abuse(running_site, f"victim+{number}@example.org")
    assert len(running_site.transport.mails) == 3


def test_mails_to_a_tagged_address_use_up_nothing_of_the_bare_one(
    running_site: RunningSite,
) -> None:
    for number in range(4):
        a_day_of_abuse(running_site, f"victim+{number}@example.org")
    assert a_day_of_abuse(running_site, VICTIM) == 1


def test_never_again_holds_with_and_without_a_tag(running_site: RunningSite) -> None:
    a_day_of_abuse(running_site)
    running_site.visitor.post(the_link(running_site, "decline"))
    running_site.later(days=2)
    before = len(running_site.transport.mails)
    a_day_of_abuse(running_site, "victim+tag@example.org")
    assert len(running_site.transport.mails) == before


def test_who_confirms_may_be_asked_again_after_they_left(running_site: RunningSite) -> None:
    for _ in range(3):
        a_day_of_abuse(running_site)
    running_site.visitor.post(running_site.link("confirm", VICTIM))
    running_site.visitor.post(running_site.link("unsubscribe", VICTIM))
    assert a_day_of_abuse(running_site) == 4


def test_one_press_in_the_mail_and_no_door_asks_again(running_site: RunningSite) -> None:
    a_day_of_abuse(running_site)
    decline = the_link(running_site, "decline")
    assert "Never ask" in visible_text(running_site.visitor.get(decline))
    assert running_site.state(VICTIM) is SubscriberState.PENDING
    assert "You will not be asked again" in visible_text(running_site.visitor.post(decline))
    assert running_site.state(VICTIM) is None
    running_site.later(days=200)
    assert a_day_of_abuse(running_site) == 1
    running_site.later(days=2)
    answer = running_site.visitor.post("/api/subscribe", json={"email": VICTIM})
    assert answer.status_code == 202
    running_site.send_service_mails()
    assert letters_to_victim(running_site) == 1
    assert running_site.state(VICTIM) is None
    for confirmed in (True, False):
        added = subscriptions.add_subscriber(
            running_site.store,
            subscriptions.NewSubscriber(VICTIM, Preferences(), confirmed=confirmed),
            now=running_site.clock(),
        )
        assert "never to be asked again" in added.words
        assert running_site.state(VICTIM) is None
    report = subscriptions.import_csv(
        running_site.store,
        f"email\n{VICTIM}\n",
        topics=(),
        confirmed=True,
        now=running_site.clock(),
    )
    assert report.left == 1
    again = subscriptions.add_subscriber(
        running_site.store,
        subscriptions.NewSubscriber(VICTIM, Preferences(), confirmed=False, again=True),
        now=running_site.clock(),
    )
    assert again.is_new
    running_site.send_service_mails()
    assert letters_to_victim(running_site) == 2


def test_never_again_outlives_an_erasure_and_the_week_of_an_unconfirmed_sign_up(
    running_site: RunningSite,
) -> None:
    a_day_of_abuse(running_site)
    decline = the_link(running_site, "decline")
    running_site.later(days=10)
    subscriptions.process_sign_ups(running_site.store, now=running_site.clock())
    assert running_site.state(VICTIM) is None
    assert "You will not be asked again" in visible_text(running_site.visitor.post(decline))
    assert "You will not be asked again" in visible_text(running_site.visitor.post(decline))
    assert a_day_of_abuse(running_site) == 1


def test_the_page_that_confirms_offers_it_too(running_site: RunningSite) -> None:
    a_day_of_abuse(running_site)
    page = running_site.visitor.get(the_link(running_site, "confirm"))
    (decline,) = [link for link in page_links(page.text) if "/decline/" in link]
    assert running_site.visitor.get(decline).status_code == 200


def test_a_reader_who_presses_it_is_unsubscribed_as_well(running_site: RunningSite) -> None:
    a_day_of_abuse(running_site)
    decline = the_link(running_site, "decline")
    running_site.visitor.post(running_site.link("confirm", VICTIM))
    running_site.visitor.post(decline)
    assert running_site.state(VICTIM) is SubscriberState.UNSUBSCRIBED
    assert a_day_of_abuse(running_site) == 1


@pytest.mark.parametrize("purpose", ["confirm", "unsubscribe", "preferences"])
def test_a_link_for_something_else_declines_nothing(
    running_site: RunningSite, purpose: str
) -> None:
    running_site.subscribe(VICTIM)
    token = running_site.link(purpose, VICTIM).rpartition("/")[2]
    assert running_site.visitor.post(f"/decline/{token}").status_code == 404


def test_another_sites_form_declines_nothing(running_site: RunningSite) -> None:
    a_day_of_abuse(running_site)
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert (
        running_site.visitor.post(the_link(running_site, "decline"), headers=headers).status_code
        == 403
    )


def watched(folder: Path, *, asked_before: bool) -> list[int]:
    """What an attacker sees who uses up their network's limit round the victim's address."""
    folder.mkdir()
    running_site = RunningSite(folder, sign_up_limits=SignUpLimits(per_network=2, backlog=3))
    if asked_before:
        other = Visitor(running_site.app, "198.51.100.7")
        running_site.sign_up(VICTIM, visitor=other)
        other.close()
        running_site.send_service_mails()
    seen = []
    order = ("a1", "a2", VICTIM, VICTIM, "a3", "a4", VICTIM, "a5")
    for name in order:
        seen.append(
            running_site.sign_up(name if "@" in name else f"{name}@example.net").status_code
        )
    for hours in range(1, 5):
        running_site.later(hours=1)
        running_site.send_service_mails()
        for number in range(3):
            seen.append(running_site.sign_up(f"b{hours}{number}@example.net").status_code)
        seen.append(running_site.sign_up(VICTIM).status_code)
    running_site.close()
    return seen


def test_no_answer_at_the_edge_of_a_limit_tells_whether_a_mailbox_was_asked(
    tmp_path: Path,
) -> None:
    before = watched(tmp_path / "asked", asked_before=True)
    assert before == watched(tmp_path / "not asked", asked_before=False)
    assert {200, 429} == set(before)


def test_a_flood_for_one_mailbox_counts_against_its_network(tmp_path: Path) -> None:
    running_site = RunningSite(tmp_path, sign_up_limits=SignUpLimits(per_network=2, backlog=3))
    codes = [running_site.sign_up(VICTIM).status_code for _ in range(8)]
    assert codes == [200] * 6 + [429] * 2
    running_site.later(seconds=timedelta(hours=5).total_seconds())
    running_site.send_service_mails()
    assert len(running_site.transport.mails) == 1
    assert running_site.sign_up("reader@example.net").status_code == 200
    running_site.close()


@pytest.mark.parametrize("address", ["", "no address", "a\n@example.org", "@"])
@pytest.mark.parametrize("purpose", ["confirm", "decline"])
def test_a_link_of_a_subscriber_whose_stored_address_is_damaged_is_answered(
    running_site: RunningSite, purpose: str, address: str
) -> None:
    running_site.sign_up(VICTIM)
    running_site.send_service_mails()
    link = the_link(running_site, purpose)
    with running_site.store.begin() as unit:
        unit.connection.execute(text("UPDATE subscribers SET email = :e"), {"e": address})
    assert running_site.visitor.get(link).status_code == 200
    answer = running_site.visitor.post(link)
    assert answer.status_code == 200
    with running_site.store.read() as unit:
        kept = unit.subscribers.list()
    states = [subscriber.state for subscriber in kept]
    assert states == ([SubscriberState.ACTIVE] if purpose == "confirm" else [])
