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


def letters_to_victim(place: RunningSite) -> int:
    return len(place.transport.to(VICTIM))


def a_day_of_abuse(place: RunningSite, email: str = VICTIM) -> int:
    """Somebody types the victim's address once more, a day later."""
    place.later(hours=25)
    answer = place.sign_up(email)
    assert answer.status_code == 200
    assert "Look into your inbox" in visible_text(answer)
    place.post_letters()
    return letters_to_victim(place)


def the_link(place: RunningSite, purpose: str) -> str:
    html = place.transport.to(VICTIM)[-1].get_body(("html",)).get_content()  # type: ignore[union-attr]
    (found,) = [link for link in page_links(html) if f"/{purpose}/" in link]
    return found


def test_a_victim_who_never_answers_gets_three_mails_and_then_none(place: RunningSite) -> None:
    counts = [a_day_of_abuse(place) for _ in range(40)]
    assert counts == [1, 2, *[3] * 38]
    with place.store.read() as unit:
        assert unit.subscribers.by_email(VICTIM) is None
    place.later(days=90)
    assert a_day_of_abuse(place) == 4
    assert a_day_of_abuse(place) == 5


def test_the_tags_of_an_address_are_one_mailbox(place: RunningSite) -> None:
    for number in range(6):
        a_day_of_abuse(place, f"victim+{number}@example.org")
    assert len(place.transport.mails) == 3


def test_mails_to_a_tagged_address_use_up_nothing_of_the_bare_one(place: RunningSite) -> None:
    for number in range(4):
        a_day_of_abuse(place, f"victim+{number}@example.org")
    assert a_day_of_abuse(place, VICTIM) == 1


def test_never_again_holds_with_and_without_a_tag(place: RunningSite) -> None:
    a_day_of_abuse(place)
    place.visitor.post(the_link(place, "decline"))
    place.later(days=2)
    before = len(place.transport.mails)
    a_day_of_abuse(place, "victim+tag@example.org")
    assert len(place.transport.mails) == before


def test_who_confirms_may_be_asked_again_after_they_left(place: RunningSite) -> None:
    for _ in range(3):
        a_day_of_abuse(place)
    place.visitor.post(place.link("confirm", VICTIM))
    place.visitor.post(place.link("unsubscribe", VICTIM))
    assert a_day_of_abuse(place) == 4


def test_one_press_in_the_mail_and_no_door_asks_again(place: RunningSite) -> None:
    a_day_of_abuse(place)
    decline = the_link(place, "decline")
    assert "Never ask" in visible_text(place.visitor.get(decline))
    assert place.state(VICTIM) is SubscriberState.PENDING
    assert "You will not be asked again" in visible_text(place.visitor.post(decline))
    assert place.state(VICTIM) is None
    place.later(days=200)
    assert a_day_of_abuse(place) == 1
    place.later(days=2)
    answer = place.visitor.post("/api/subscribe", json={"email": VICTIM})
    assert answer.status_code == 202
    place.post_letters()
    assert letters_to_victim(place) == 1
    assert place.state(VICTIM) is None
    for confirmed in (True, False):
        added = subscriptions.add_subscriber(
            place.store, VICTIM, Preferences(), confirmed=confirmed, now=place.clock()
        )
        assert "never to be asked again" in added.words
        assert place.state(VICTIM) is None
    report = subscriptions.import_csv(
        place.store, f"email\n{VICTIM}\n", topics=(), confirmed=True, now=place.clock()
    )
    assert report.left == 1
    again = subscriptions.add_subscriber(
        place.store, VICTIM, Preferences(), confirmed=False, now=place.clock(), again=True
    )
    assert again.is_new
    place.post_letters()
    assert letters_to_victim(place) == 2


def test_never_again_outlives_an_erasure_and_the_week_of_an_unconfirmed_sign_up(
    place: RunningSite,
) -> None:
    a_day_of_abuse(place)
    decline = the_link(place, "decline")
    place.later(days=10)
    subscriptions.process_sign_ups(place.store, now=place.clock())
    assert place.state(VICTIM) is None
    assert "You will not be asked again" in visible_text(place.visitor.post(decline))
    assert "You will not be asked again" in visible_text(place.visitor.post(decline))
    assert a_day_of_abuse(place) == 1


def test_the_page_that_confirms_offers_it_too(place: RunningSite) -> None:
    a_day_of_abuse(place)
    page = place.visitor.get(the_link(place, "confirm"))
    (decline,) = [link for link in page_links(page.text) if "/decline/" in link]
    assert place.visitor.get(decline).status_code == 200


def test_a_reader_who_presses_it_is_unsubscribed_as_well(place: RunningSite) -> None:
    a_day_of_abuse(place)
    decline = the_link(place, "decline")
    place.visitor.post(place.link("confirm", VICTIM))
    place.visitor.post(decline)
    assert place.state(VICTIM) is SubscriberState.UNSUBSCRIBED
    assert a_day_of_abuse(place) == 1


@pytest.mark.parametrize("purpose", ["confirm", "unsubscribe", "preferences"])
def test_a_link_for_something_else_declines_nothing(place: RunningSite, purpose: str) -> None:
    place.subscribe(VICTIM)
    token = place.link(purpose, VICTIM).rpartition("/")[2]
    assert place.visitor.post(f"/decline/{token}").status_code == 404


def test_another_sites_form_declines_nothing(place: RunningSite) -> None:
    a_day_of_abuse(place)
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert place.visitor.post(the_link(place, "decline"), headers=headers).status_code == 403


def watched(folder: Path, *, asked_before: bool) -> list[int]:
    """What an attacker sees who uses up their network's limit round the victim's address."""
    folder.mkdir()
    place = RunningSite(folder, sign_up_limits=SignUpLimits(per_network=2, backlog=3))
    if asked_before:
        other = Visitor(place.app, "198.51.100.7")
        place.sign_up(VICTIM, visitor=other)
        other.close()
        place.post_letters()
    seen = []
    order = ("a1", "a2", VICTIM, VICTIM, "a3", "a4", VICTIM, "a5")
    for name in order:
        seen.append(place.sign_up(name if "@" in name else f"{name}@example.net").status_code)
    for hours in range(1, 5):
        place.later(hours=1)
        place.post_letters()
        for number in range(3):
            seen.append(place.sign_up(f"b{hours}{number}@example.net").status_code)
        seen.append(place.sign_up(VICTIM).status_code)
    place.close()
    return seen


def test_no_answer_at_the_edge_of_a_limit_tells_whether_a_mailbox_was_asked(
    tmp_path: Path,
) -> None:
    before = watched(tmp_path / "asked", asked_before=True)
    assert before == watched(tmp_path / "not asked", asked_before=False)
    assert {200, 429} == set(before)


def test_a_flood_for_one_mailbox_counts_against_its_network(tmp_path: Path) -> None:
    place = RunningSite(tmp_path, sign_up_limits=SignUpLimits(per_network=2, backlog=3))
    codes = [place.sign_up(VICTIM).status_code for _ in range(8)]
    assert codes == [200] * 6 + [429] * 2
    place.later(seconds=timedelta(hours=5).total_seconds())
    place.post_letters()
    assert len(place.transport.mails) == 1
    assert place.sign_up("reader@example.net").status_code == 200
    place.close()


@pytest.mark.parametrize("address", ["", "no address", "a\n@example.org", "@"])
@pytest.mark.parametrize("purpose", ["confirm", "decline"])
def test_a_link_of_a_subscriber_whose_stored_address_is_damaged_is_answered(
    place: RunningSite, purpose: str, address: str
) -> None:
    place.sign_up(VICTIM)
    place.post_letters()
    link = the_link(place, purpose)
    with place.store.begin() as unit:
        unit.connection.execute(text("UPDATE subscribers SET email = :e"), {"e": address})
    assert place.visitor.get(link).status_code == 200
    answer = place.visitor.post(link)
    assert answer.status_code == 200
    with place.store.read() as unit:
        kept = unit.subscribers.list()
    states = [subscriber.state for subscriber in kept]
    assert states == ([SubscriberState.ACTIVE] if purpose == "confirm" else [])
