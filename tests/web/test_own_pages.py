"""What a reader does by their own links: choose, pause, export, erase, leave."""

from __future__ import annotations

from datetime import date

import pytest
from factories import ABOUTS, letters
from web.site_fixture import (
    RunningSite,
    visible_text,
)

from digest import subscriptions
from digest.model import Frequency, MailFormat, Preferences, SubscriberState

READER = "reader@example.org"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def with_reader(place: RunningSite) -> RunningSite:
    place.subscribe(READER)
    return place


def wishes(place: RunningSite) -> Preferences:
    return subscriptions.find_by_email(place.store, READER).preferences


def save(place: RunningSite, **fields: object) -> str:
    answer = place.visitor.post(
        place.link("preferences", READER), data={"action": "save", **fields}
    )
    assert answer.status_code in (200, 422)
    return visible_text(answer)


def test_preferences_are_saved_and_shown_again(with_reader: RunningSite) -> None:
    said = save(
        with_reader,
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
    assert "Saved. The next mail obeys." in said
    assert "Paused until Tuesday, 1 December 2026" in said
    assert wishes(with_reader) == Preferences(
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
    page = with_reader.visitor.get(with_reader.link("preferences", READER)).text
    assert 'value="language" checked' in page
    assert "gaussian splatting\nmamba</textarea>" in page
    assert '<option value="7" selected>' in page


def test_saving_twice_is_saving_once(with_reader: RunningSite) -> None:
    for _ in range(2):
        assert "Saved" in save(with_reader, topics="language")
    number = with_reader.number(READER)
    with with_reader.store.read() as unit:
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
    with_reader: RunningSite, fields: dict[str, str], said: str
) -> None:
    answer = save(with_reader, **fields)
    assert said in answer
    assert "Nothing was saved yet" in answer
    assert wishes(with_reader) == Preferences()


def test_the_next_mail_obeys_and_says_why(with_reader: RunningSite) -> None:
    save(with_reader, topics="language", keywords="whispered audio")
    with_reader.publish("ABCDEFI")
    (mail,) = with_reader.transport.to(READER)
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert letters(text) == "EI"
    flat = " ".join(text.split())
    assert "you follow Language Models & NLP" in flat
    assert "mentions 'whispered audio'" in flat
    assert ABOUTS["I"][0] in flat


def test_an_empty_personal_day_sends_nothing(with_reader: RunningSite) -> None:
    save(with_reader, topics="language")
    with_reader.publish("ABC")
    assert with_reader.transport.to(READER) == []


def test_a_pause_holds_until_its_day_and_tells_nothing_of_the_break(
    with_reader: RunningSite,
) -> None:
    save(with_reader, paused_until="2026-11-22")
    with_reader.publish("A")
    with_reader.later(days=1)
    with_reader.publish("B")
    assert with_reader.transport.to(READER) == []
    with_reader.later(days=1)
    with_reader.publish("C")
    (mail,) = with_reader.transport.to(READER)
    assert letters(mail.as_string().replace("=\n", "")) == "C"
    page = with_reader.visitor.get(with_reader.link("preferences", READER))
    assert 'name="paused_until" type="date"' in page.text
    assert "Paused until" not in visible_text(page)


def test_a_reader_downloads_all_that_is_known(with_reader: RunningSite) -> None:
    with_reader.publish("A")
    path = with_reader.link("preferences", READER)
    answer = with_reader.visitor.post(path, data={"action": "export"})
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"
    known = answer.json()
    assert known["email"] == READER
    assert [event["what"] for event in known["history"]] == ["added"]
    assert known["editions"][0]["state"] == "accepted"


def test_erasing_needs_the_tick_and_then_leaves_nothing(with_reader: RunningSite) -> None:
    path = with_reader.link("preferences", READER)
    other = with_reader.link("unsubscribe", READER)
    first = with_reader.visitor.post(path, data={"action": "erase"})
    assert first.status_code == 422
    assert with_reader.state(READER) is SubscriberState.ACTIVE
    for _ in range(2):
        done = with_reader.visitor.post(path, data={"action": "erase", "sure": "yes"})
        assert done.status_code == 200
        assert "Nothing is kept about you" in visible_text(done)
    assert with_reader.state(READER) is None
    for method in ("GET", "POST"):
        assert "Nothing is kept" in visible_text(with_reader.visitor.request(method, path))
        assert "already" in visible_text(with_reader.visitor.request(method, other))
    assert with_reader.visitor.post(path, data={"action": "export"}).status_code == 200


def test_another_sites_form_saves_nothing(with_reader: RunningSite) -> None:
    path = with_reader.link("preferences", READER)
    answer = with_reader.visitor.post(
        path, data={"topics": "language"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert wishes(with_reader) == Preferences()


def test_the_unsubscribe_page_asks_and_offers_less(with_reader: RunningSite) -> None:
    page = with_reader.visitor.get(with_reader.link("unsubscribe", READER))
    assert "Unsubscribe from Daily Papers?" in visible_text(page)
    assert "Once a week" in visible_text(page)
    assert with_reader.state(READER) is SubscriberState.ACTIVE


def test_an_unsubscribe_link_opens_nothing_but_the_way_out(with_reader: RunningSite) -> None:
    path = with_reader.link("unsubscribe", READER)
    for answer in (
        with_reader.visitor.get(path),
        with_reader.visitor.post(path, data={"action": "weekly"}),
        with_reader.visitor.get(path),
        with_reader.visitor.post(path, data=ONE_CLICK),
    ):
        assert "/preferences/" not in answer.text


def test_fewer_instead_keeps_the_reader_once_a_week(with_reader: RunningSite) -> None:
    path = with_reader.link("unsubscribe", READER)
    answer = with_reader.visitor.post(path, data={"action": "weekly"})
    assert "Once a week from now on" in visible_text(answer)
    assert with_reader.state(READER) is SubscriberState.ACTIVE
    assert wishes(with_reader).frequency is Frequency.WEEKLY
    assert "Once a week" not in visible_text(with_reader.visitor.get(path))


@pytest.mark.parametrize(
    "how", [{"data": ONE_CLICK}, {"files": {"List-Unsubscribe": (None, "One-Click")}}]
)
def test_the_mail_programs_one_click_works_without_a_cookie_twice(
    with_reader: RunningSite, how: dict[str, object]
) -> None:
    path = with_reader.link("unsubscribe", READER)
    for said in ("You are unsubscribed", "You are unsubscribed already"):
        answer = with_reader.visitor.post(path, headers={"Origin": "null"}, **how)
        assert answer.status_code == 200
        assert said in visible_text(answer)
        assert "location" not in answer.headers
        assert "set-cookie" not in answer.headers
    assert with_reader.state(READER) is SubscriberState.UNSUBSCRIBED


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
    with_reader: RunningSite, content: bytes, kind: str
) -> None:
    path = with_reader.link("unsubscribe", READER)
    answer = with_reader.visitor.post(path, content=content, headers={"Content-Type": kind})
    assert answer.status_code == 200
    assert with_reader.state(READER) is SubscriberState.UNSUBSCRIBED


def test_who_left_between_plan_and_sending_gets_nothing(with_reader: RunningSite) -> None:
    from digest.daily.deliver import freeze_audience

    with_reader.dump("A")
    with_reader.day.look(clock=with_reader.clock)
    published = with_reader.day.publish(clock=with_reader.clock).editions[0]
    freeze_audience(with_reader.store, with_reader.desk, published, with_reader.clock)
    with_reader.visitor.post(with_reader.link("unsubscribe", READER), data=ONE_CLICK)
    with_reader.day.pulse(clock=with_reader.clock)
    assert with_reader.transport.mails == []
    with with_reader.store.read() as unit:
        assert unit.outbox.tally(published.id).excluded == 1


def test_pages_of_readers_are_kept_and_listed_nowhere(with_reader: RunningSite) -> None:
    for purpose in ("confirm", "preferences", "unsubscribe"):
        answer = with_reader.visitor.get(with_reader.link(purpose, READER))
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert READER not in answer.text


@pytest.mark.parametrize("state", [SubscriberState.UNSUBSCRIBED, SubscriberState.SUPPRESSED])
def test_who_is_gone_can_still_have_their_data_erased(
    with_reader: RunningSite, state: SubscriberState
) -> None:
    path = with_reader.link("preferences", READER)
    with with_reader.store.begin() as unit:
        unit.subscribers.set_state(with_reader.number(READER), state, "test", with_reader.clock())
    page = with_reader.visitor.get(path)
    assert "Erase my data" in visible_text(page)
    assert "How often" not in visible_text(page)
    assert "already" in visible_text(
        with_reader.visitor.get(with_reader.link("unsubscribe", READER))
    )
    weekly = with_reader.visitor.post(
        with_reader.link("unsubscribe", READER), data={"action": "weekly"}
    )
    assert "already" in visible_text(weekly)
