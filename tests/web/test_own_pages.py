"""What a reader does by their own links: choose, pause, export, erase, leave."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from installation import ABOUTS, papers_named
from web.site_fixture import (
    RunningSite,
    visible_text,
)

from digest import subscriptions
from digest.model import Frequency, MailFormat, Preferences, SubscriberState
from digest.store.tables import subscriber_events
from digest.web.link_pages import POSTS

READER = "reader@example.org"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def site_with_subscriber(running_site: RunningSite) -> RunningSite:
    running_site.subscribe(READER)
    return running_site


def saved_preferences(running_site: RunningSite) -> Preferences:
    return subscriptions.find_by_email(running_site.store, READER).preferences


def save(running_site: RunningSite, **fields: object) -> str:
    answer = running_site.visitor.post(
        running_site.link("preferences", READER), data={"action": "save", **fields}
    )
    assert answer.status_code in (200, 422)
    return visible_text(answer)


def test_preferences_are_saved_and_shown_again(site_with_subscriber: RunningSite) -> None:
    said = save(
        site_with_subscriber,
        frequency="weekdays",
        topics=["language", "audio"],
        exclude=["health"],
        keywords="gaussian splatting\r\nmamba",
        unwanted="survey",
        hour="7",
        timezone="Asia/Kolkata",
        max_papers="12",
        paused_until="2026-12-01",
        format="text",
    )
    assert "Saved. Your next mail follows these preferences." in said
    assert "Paused until Tuesday, 1 December 2026" in said
    assert saved_preferences(site_with_subscriber) == Preferences(
        topics=("language", "audio"),
        exclude_topics=("health",),
        keywords=("gaussian splatting", "mamba"),
        exclude_keywords=("survey",),
        frequency=Frequency.WEEKDAYS,
        hour=7,
        timezone="Asia/Kolkata",
        max_papers=12,
        paused_until=date(2026, 12, 1),
        format=MailFormat.TEXT,
    )
    page = site_with_subscriber.visitor.get(site_with_subscriber.link("preferences", READER)).text
    assert 'value="language" checked' in page
    assert "gaussian splatting\nmamba</textarea>" in page
    assert '<option value="7" selected>' in page


def test_saving_twice_is_saving_once(site_with_subscriber: RunningSite) -> None:
    for _ in range(2):
        assert "Saved" in save(site_with_subscriber, topics="language")
    number = site_with_subscriber.number(READER)
    with site_with_subscriber.store.read() as unit:
        kinds = [event.kind for event in unit.subscribers.history(number)]
    assert kinds.count("preferences") == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"hour": "24"}, "not a whole number from 0 to 23"),
        ({"timezone": "../../etc/passwd"}, "is not a time zone"),
        ({"max_papers": "0"}, "not a whole number from 1 to 500"),
        ({"paused_until": "2026-11-20"}, "pause ends on a day to come"),
        ({"paused_until": "2036-11-20"}, "pause ends on a day to come"),
        ({"paused_until": "soon"}, "is not a day"),
        ({"topics": "language", "exclude": "language"}, "both followed and left out"),
        ({"topics": "astrology"}, "nknown topic"),
        ({"keywords": "x" * 90}, "longer than 80"),
        ({"frequency": "hourly"}, "is not known"),
    ],
)
def test_what_cannot_be_saved_is_said_and_nothing_changes(
    site_with_subscriber: RunningSite, fields: dict[str, str], said: str
) -> None:
    answer = save(site_with_subscriber, **fields)
    assert said in answer
    assert "Nothing was saved: please correct" in answer
    assert saved_preferences(site_with_subscriber) == Preferences()


def test_the_next_mail_obeys_and_says_why(site_with_subscriber: RunningSite) -> None:
    save(site_with_subscriber, topics="language", keywords="whispered audio")
    site_with_subscriber.publish("ABCDEFI")
    (mail,) = site_with_subscriber.transport.to(READER)
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert papers_named(text) == "EI"
    flat = " ".join(text.split())
    assert "you follow Language Models & NLP" in flat
    assert "mentions 'whispered audio'" in flat
    assert ABOUTS["I"][0] in flat


def test_an_empty_personal_day_sends_nothing(site_with_subscriber: RunningSite) -> None:
    save(site_with_subscriber, topics="language")
    site_with_subscriber.publish("ABC")
    assert site_with_subscriber.transport.to(READER) == []


def test_a_pause_holds_until_its_day_and_tells_nothing_of_the_break(
    site_with_subscriber: RunningSite,
) -> None:
    save(site_with_subscriber, paused_until="2026-11-22")
    site_with_subscriber.publish("A")
    site_with_subscriber.later(days=1)
    site_with_subscriber.publish("B")
    assert site_with_subscriber.transport.to(READER) == []
    site_with_subscriber.later(days=1)
    site_with_subscriber.publish("C")
    (mail,) = site_with_subscriber.transport.to(READER)
    assert papers_named(mail.as_string().replace("=\n", "")) == "C"
    page = site_with_subscriber.visitor.get(site_with_subscriber.link("preferences", READER))
    assert 'name="paused_until" type="date"' in page.text
    assert "Paused until" not in visible_text(page)


def test_a_reader_downloads_all_that_is_known(site_with_subscriber: RunningSite) -> None:
    site_with_subscriber.publish("A")
    path = site_with_subscriber.link("preferences", READER)
    answer = site_with_subscriber.visitor.post(path, data={"action": "export"})
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"
    known = answer.json()
    assert known["email"] == READER
    assert [event["what"] for event in known["history"]] == ["added"]
    assert known["editions"][0]["state"] == "accepted"


def test_erasing_needs_the_tick_and_then_leaves_nothing(site_with_subscriber: RunningSite) -> None:
    path = site_with_subscriber.link("preferences", READER)
    other = site_with_subscriber.link("unsubscribe", READER)
    first = site_with_subscriber.visitor.post(path, data={"action": "erase"})
    assert first.status_code == 422
    assert site_with_subscriber.state(READER) is SubscriberState.ACTIVE
    for _ in range(2):
        done = site_with_subscriber.visitor.post(path, data={"action": "erase", "sure": "yes"})
        assert done.status_code == 200
        assert "We keep nothing about you" in visible_text(done)
    assert site_with_subscriber.state(READER) is None
    for method in ("GET", "POST"):
        assert "We keep nothing" in visible_text(site_with_subscriber.visitor.request(method, path))
        assert "already" in visible_text(site_with_subscriber.visitor.request(method, other))
    assert site_with_subscriber.visitor.post(path, data={"action": "export"}).status_code == 200


def test_another_sites_form_saves_nothing(site_with_subscriber: RunningSite) -> None:
    path = site_with_subscriber.link("preferences", READER)
    answer = site_with_subscriber.visitor.post(
        path, data={"topics": "language"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert saved_preferences(site_with_subscriber) == Preferences()


def test_the_unsubscribe_page_asks_and_offers_less(site_with_subscriber: RunningSite) -> None:
    page = site_with_subscriber.visitor.get(site_with_subscriber.link("unsubscribe", READER))
    assert "Unsubscribe from Daily Papers?" in visible_text(page)
    assert "Once a week" in visible_text(page)
    assert site_with_subscriber.state(READER) is SubscriberState.ACTIVE


def test_an_unsubscribe_link_opens_nothing_but_the_way_out(
    site_with_subscriber: RunningSite,
) -> None:
    path = site_with_subscriber.link("unsubscribe", READER)
    for answer in (
        site_with_subscriber.visitor.get(path),
        site_with_subscriber.visitor.post(path, data={"action": "weekly"}),
        site_with_subscriber.visitor.get(path),
        site_with_subscriber.visitor.post(path, data=ONE_CLICK),
    ):
        assert "/preferences/" not in answer.text


def test_fewer_instead_keeps_the_reader_once_a_week(site_with_subscriber: RunningSite) -> None:
    path = site_with_subscriber.link("unsubscribe", READER)
    answer = site_with_subscriber.visitor.post(path, data={"action": "weekly"})
    assert "Once a week from now on" in visible_text(answer)
    assert site_with_subscriber.state(READER) is SubscriberState.ACTIVE
    assert saved_preferences(site_with_subscriber).frequency is Frequency.WEEKLY
    assert "Once a week" not in visible_text(site_with_subscriber.visitor.get(path))


@pytest.mark.parametrize(
    "how", [{"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}]
)
def test_the_mail_programs_one_click_works_without_a_cookie_twice(
    site_with_subscriber: RunningSite, how: dict[str, object]
) -> None:
    path = site_with_subscriber.link("unsubscribe", READER)
    for said in ("You are unsubscribed", "You are already unsubscribed"):
        answer = site_with_subscriber.visitor.post(path, headers={"Origin": "null"}, **how)
        assert answer.status_code == 200
        assert said in visible_text(answer)
        assert "location" not in answer.headers
        assert "set-cookie" not in answer.headers
    assert site_with_subscriber.state(READER) is SubscriberState.UNSUBSCRIBED


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", ""),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"broken", "multipart/form-data; boundary=x"),
        (b"broken", "multipart/form-data"),
        (b"{}", "application/json"),
        (b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded; charset=nonsense"),
    ],
)
def test_a_post_that_cannot_be_read_still_means_leaving(
    site_with_subscriber: RunningSite, content: bytes, kind: str
) -> None:
    path = site_with_subscriber.link("unsubscribe", READER)
    answer = site_with_subscriber.visitor.post(
        path, content=content, headers={"Content-Type": kind}
    )
    assert answer.status_code == 200
    assert site_with_subscriber.state(READER) is SubscriberState.UNSUBSCRIBED


def test_who_left_between_plan_and_sending_gets_nothing(site_with_subscriber: RunningSite) -> None:
    from digest.daily.freeze_audience import freeze_audience

    site_with_subscriber.dump("A")
    site_with_subscriber.daily_run.ingest(clock=site_with_subscriber.clock)
    published = site_with_subscriber.daily_run.publish(clock=site_with_subscriber.clock).editions[0]
    freeze_audience(
        site_with_subscriber.store,
        site_with_subscriber.editorial,
        published,
        site_with_subscriber.clock,
    )
    site_with_subscriber.visitor.post(
        site_with_subscriber.link("unsubscribe", READER), data=ONE_CLICK
    )
    site_with_subscriber.daily_run.deliver_due(clock=site_with_subscriber.clock)
    assert site_with_subscriber.transport.mails == []
    with site_with_subscriber.store.read() as unit:
        assert unit.outbox.tally(published.id).excluded == 1


def test_pages_of_readers_are_kept_and_listed_nowhere(site_with_subscriber: RunningSite) -> None:
    for purpose in ("confirm", "preferences", "unsubscribe"):
        answer = site_with_subscriber.visitor.get(site_with_subscriber.link(purpose, READER))
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert READER not in answer.text


@pytest.mark.parametrize("state", [SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED])
def test_who_is_gone_can_still_have_their_data_erased(
    site_with_subscriber: RunningSite, state: SubscriberState
) -> None:
    path = site_with_subscriber.link("preferences", READER)
    with site_with_subscriber.store.begin() as unit:
        unit.subscribers.set_state(
            site_with_subscriber.number(READER), state, "test", site_with_subscriber.clock()
        )
    page = site_with_subscriber.visitor.get(path)
    assert "Erase my data" in visible_text(page)
    assert "How often" not in visible_text(page)
    assert "already" in visible_text(
        site_with_subscriber.visitor.get(site_with_subscriber.link("unsubscribe", READER))
    )
    weekly = site_with_subscriber.visitor.post(
        site_with_subscriber.link("unsubscribe", READER), data={"action": "weekly"}
    )
    assert "already" in visible_text(weekly)


def test_who_saves_again_and_again_is_asked_to_wait_and_little_is_kept(
    site_with_subscriber: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.subscriptions.self_service.MOST_PREFERENCE_EVENTS", 5)
    link = site_with_subscriber.link("preferences", READER)
    answers = [
        site_with_subscriber.visitor.post(link, data={"max_papers": str(count)}).status_code
        for count in range(1, POSTS + 11)
    ]
    assert answers == [200] * POSTS + [429] * 10
    number = site_with_subscriber.number(READER)
    with site_with_subscriber.store.read() as unit:
        kinds = [event.kind for event in unit.subscribers.history(number)]
    assert kinds.count("preferences") == 5
    assert site_with_subscriber.visitor.get(link).status_code == 200


def test_nobody_who_wants_to_leave_is_asked_to_wait(site_with_subscriber: RunningSite) -> None:
    link = site_with_subscriber.link("unsubscribe", READER)
    less = {"action": "weekly"}
    answers = [
        site_with_subscriber.visitor.post(link, data=less).status_code for _ in range(POSTS + 5)
    ]
    assert answers == [200] * (POSTS + 5)
    leaving = site_with_subscriber.visitor.post(link, data={"List-Unsubscribe": "One-Click"})
    assert leaving.status_code == 200
    assert site_with_subscriber.visitor.post(link, data=less).status_code == 429


def test_what_a_reader_downloads_has_an_end(
    site_with_subscriber: RunningSite,
) -> None:
    number = site_with_subscriber.number(READER)
    with site_with_subscriber.store.begin() as unit:
        rows = [
            {
                "subscriber_id": number,
                "at": datetime.now(UTC),
                "kind": "preferences",
                "detail": "{}",
            }
            for _ in range(3_000)
        ]
        unit.connection.execute(subscriber_events.insert(), rows)
    link = site_with_subscriber.link("preferences", READER)
    shown = site_with_subscriber.visitor.post(link, data={"action": "export"}).json()
    assert len(shown["history"]) == 1_000
    assert shown["earlier_events"] > 2_000 - 1
    assert save(site_with_subscriber, topics="language").count("Saved") == 1
    with site_with_subscriber.store.read() as unit:
        assert unit.subscribers.count_events(number) < 110


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("jane.doe@lab.example.org", "j…@lab.example.org"),
        ("j@lab.example.org", "…@lab.example.org"),
        ("jürgen@bücher.example", "j…@bücher.example"),
    ],
)
def test_a_readers_pages_say_whose_they_are_and_do_not_give_the_address_away(
    running_site: RunningSite, email: str, shown: str
) -> None:
    running_site.subscribe(email)
    for purpose in ("preferences", "unsubscribe"):
        page = running_site.visitor.get(running_site.link(purpose, email))
        assert shown in visible_text(page)
        assert "Not your address?" in visible_text(page)
        assert email not in page.text
