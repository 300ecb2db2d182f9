"""Sign-up: neutral to everyone, once a day to a mailbox, and nobody's without their own press."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from installation import KEYS
from starlette.types import ASGIApp
from web.site_fixture import (
    BASE,
    RunningSite,
    Visitor,
    page_links,
    visible_text,
)

from digest import subscriptions
from digest.errors import StoreBusyError
from digest.mail.tokens import sign_token
from digest.model import Frequency, SubscriberState
from digest.subscriptions import SignUpLimits


def test_who_signs_up_gets_a_mail_and_is_in_after_its_button(running_site: RunningSite) -> None:
    answer = running_site.sign_up("reader@example.org", frequency="weekly")
    assert answer.status_code == 200
    assert "Check your inbox" in visible_text(answer)
    assert running_site.state("reader@example.org") is None
    running_site.send_service_mails()
    assert running_site.state("reader@example.org") is SubscriberState.PENDING
    (mail,) = running_site.transport.to("reader@example.org")
    assert mail["Auto-Submitted"] == "auto-generated"
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    (confirm,) = [link for link in page_links(html) if "/confirm/" in link]
    assert running_site.visitor.get(confirm).status_code == 200
    assert running_site.state("reader@example.org") is SubscriberState.PENDING
    done = running_site.visitor.post(confirm)
    assert "You are subscribed" in visible_text(done)
    assert running_site.state("reader@example.org") is SubscriberState.ACTIVE
    assert "You are already subscribed" in visible_text(running_site.visitor.post(confirm))
    with running_site.store.read() as unit:
        subscriber = unit.subscribers.by_email("reader@example.org")
        assert subscriber is not None
        kinds = [event.kind for event in unit.subscribers.history(subscriber.id)]
    assert subscriber.preferences.frequency is Frequency.WEEKLY
    assert kinds == ["added", "asked", "active", "confirmed"]


def test_the_confirmation_mail_says_nothing_the_visitor_typed(running_site: RunningSite) -> None:
    running_site.sign_up("reader@example.org", keywords="buy cheap pills at spam.example")
    running_site.send_service_mails()
    (mail,) = running_site.transport.to("reader@example.org")
    assert "pills" not in mail.as_string()
    assert "spam.example" not in mail.as_string()


def make(running_site: RunningSite, state: SubscriberState, email: str) -> None:
    running_site.subscribe(email)
    with running_site.store.begin() as unit:
        subscriber = unit.subscribers.by_email(email)
        assert subscriber is not None
        unit.subscribers.set_state(subscriber.id, state, "as the test says", running_site.clock())


def test_everyone_gets_the_same_answer_but_not_the_same_mail(running_site: RunningSite) -> None:
    for state in SubscriberState:
        make(running_site, state, f"{state}@example.org")
    answers = [running_site.sign_up(f"{who}@example.org") for who in ("unknown", *SubscriberState)]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    headers = [{k: v for k, v in answer.headers.items() if k != "date"} for answer in answers]
    assert all(each == headers[0] for each in headers)
    running_site.send_service_mails()
    assert [len(running_site.transport.to(f"{who}@example.org")) for who in ("unknown", *SubscriberState)] == [
        1, 1, 0, 1, 0,
    ]  # fmt: skip
    for state in SubscriberState:
        assert running_site.state(f"{state}@example.org") is state


def test_a_mailbox_is_asked_once_a_day_however_its_address_is_written(
    running_site: RunningSite,
) -> None:
    for email in (
        "ada.lovelace@gmail.com", "Ada.Lovelace@GMAIL.com", "adalovelace@googlemail.com",
        "a.d.a.lovelace@gmail.com",
    ):  # fmt: skip
        assert running_site.sign_up(email).status_code == 200
        running_site.send_service_mails()
    assert len(running_site.transport.mails) == 1
    running_site.later(hours=25)
    running_site.visitor = Visitor(running_site.app)
    running_site.app = create(running_site)
    running_site.sign_up("ada.lovelace@gmail.com")
    running_site.send_service_mails()
    assert len(running_site.transport.mails) == 2


def create(running_site: RunningSite) -> ASGIApp:
    from digest.web.app import create_app

    running_site.visitor.close()
    app = create_app(running_site.site)
    running_site.visitor = Visitor(app)
    return app


def test_two_processes_together_ask_a_mailbox_once(running_site: RunningSite) -> None:
    other = Visitor(create(running_site), "198.51.100.7")
    for visitor in (running_site.visitor, other, running_site.visitor, other):
        assert running_site.sign_up("reader@example.org", visitor=visitor).status_code == 200
    running_site.send_service_mails()
    running_site.send_service_mails()
    assert len(running_site.transport.mails) == 1
    other.close()


def test_a_thousand_sign_ups_at_once_for_one_victim_are_one_mail(running_site: RunningSite) -> None:
    token = running_site.form_token()
    running_site.later(seconds=5)

    async def flood() -> set[int]:
        answers = await asyncio.gather(
            *(
                running_site.visitor.client.post(
                    "/subscribe", data={"form": token, "website": "", "email": "victim@example.org"}
                )
                for _ in range(100)
            )
        )
        return {answer.status_code for answer in answers}

    assert running_site.visitor.run(flood()) == {200}
    running_site.send_service_mails()
    assert len(running_site.transport.mails) == 1
    assert running_site.visitor.get("/").status_code == 200


def test_a_form_that_comes_back_too_quickly_is_shown_again(running_site: RunningSite) -> None:
    token = running_site.form_token()
    running_site.later(seconds=1)
    fields = {"form": token, "email": "reader@example.org", "hour": "7"}
    quick = running_site.visitor.post("/subscribe", data=fields)
    assert "once more" in visible_text(quick)
    assert 'value="reader@example.org"' in quick.text
    assert f'value="{token}"' in quick.text
    assert running_site.send_service_mails() is not None
    assert running_site.transport.mails == []
    running_site.later(seconds=1.5)
    assert "inbox" in visible_text(running_site.visitor.post("/subscribe", data=fields))
    running_site.send_service_mails()
    assert len(running_site.transport.mails) == 1


@pytest.mark.parametrize(
    "token", ["", "made-up", sign_token("confirm", 1, KEYS), sign_token("form", 1, KEYS)]
)
def test_a_form_we_did_not_hand_out_is_shown_again(running_site: RunningSite, token: str) -> None:
    answer = running_site.visitor.post("/subscribe", data={"form": token, "email": "r@example.org"})
    assert "once more" in visible_text(answer)
    running_site.send_service_mails()
    assert running_site.transport.mails == []


def test_a_robot_that_fills_in_everything_gets_the_same_answer_and_no_mail(
    running_site: RunningSite,
) -> None:
    person = running_site.sign_up("reader@example.org")
    robot = running_site.sign_up("robot@example.org", website="https://spam.example")
    assert robot.text == person.text
    running_site.send_service_mails()
    assert running_site.transport.to("robot@example.org") == []


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
)
def test_another_sites_form_does_nothing(
    running_site: RunningSite, headers: dict[str, str]
) -> None:
    token = running_site.form_token()
    running_site.later(seconds=5)
    fields = {"form": token, "email": "reader@example.org"}
    answer = running_site.visitor.post("/subscribe", data=fields, headers=headers)
    assert answer.status_code == 403


def test_the_pages_own_form_is_welcome(running_site: RunningSite) -> None:
    token = running_site.form_token("/")
    running_site.later(seconds=5)
    answer = running_site.visitor.post(
        "/subscribe",
        data={"form": token, "email": "reader@example.org"},
        headers={"Origin": BASE, "Sec-Fetch-Site": "same-origin"},
    )
    assert "inbox" in visible_text(answer)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"email": "nobody"}, "ot a mail address"),
        ({"email": ""}, "ot a mail address"),
        ({"email": f"{'a' * 65}@example.org"}, "ot a mail address"),
        ({"email": f"a@{'b' * 250}.example.org"}, "ot a mail address"),
        ({"email": "a@example.org", "hour": "25"}, "not a whole number from 0 to 23"),
        ({"email": "a@example.org", "timezone": "Mars/Olympus"}, "not a time zone"),
        ({"email": "a@example.org", "topics": "astrology"}, "nknown topic"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field(
    running_site: RunningSite, fields: dict[str, str], said: str
) -> None:
    token = running_site.form_token()
    running_site.later(seconds=5)
    answer = running_site.visitor.post("/subscribe", data={"form": token, **fields})
    assert answer.status_code == 422
    assert said in visible_text(answer)
    assert 'class="fault"' in answer.text
    running_site.send_service_mails()
    assert running_site.transport.mails == []


def test_more_sign_ups_than_a_network_may_wait_their_turn(tmp_path: Path) -> None:
    running_site = RunningSite(tmp_path, sign_up_limits=SignUpLimits(per_network=2, backlog=3))
    codes = [running_site.sign_up(f"r{n}@example.org").status_code for n in range(8)]
    assert codes == [200] * 6 + [429] * 2
    running_site.send_service_mails()
    assert len(running_site.transport.mails) == 2
    for hours in range(1, 5):
        running_site.later(hours=1)
        running_site.send_service_mails()
        assert len(running_site.transport.mails) <= 2 + 2 * hours
    assert len(running_site.transport.mails) == 6
    running_site.close()


def test_a_network_that_posts_without_end_is_told_so(running_site: RunningSite) -> None:
    codes = [running_site.visitor.post("/subscribe", data={}).status_code for _ in range(125)]
    assert set(codes[:120]) == {200}
    assert set(codes[120:]) == {429}
    other = Visitor(running_site.app, "198.51.100.7")
    assert other.post("/subscribe", data={}).status_code == 200
    other.close()


def test_a_link_of_a_former_time_does_not_bring_back_who_left(running_site: RunningSite) -> None:
    running_site.sign_up("reader@example.org")
    running_site.send_service_mails()
    confirm = running_site.link("confirm", "reader@example.org")
    running_site.visitor.post(confirm)
    running_site.visitor.post(running_site.link("unsubscribe", "reader@example.org"))
    assert "You have unsubscribed since" in visible_text(running_site.visitor.post(confirm))
    assert running_site.state("reader@example.org") is SubscriberState.UNSUBSCRIBED
    running_site.later(hours=25)
    create(running_site)
    running_site.sign_up("reader@example.org")
    running_site.send_service_mails()
    assert running_site.state("reader@example.org") is SubscriberState.UNSUBSCRIBED
    assert "You are subscribed" in visible_text(running_site.visitor.post(confirm))


def test_a_barred_address_stays_barred(running_site: RunningSite) -> None:
    make(running_site, SubscriberState.SUPPRESSED, "reader@example.org")
    answer = running_site.visitor.post(running_site.link("confirm", "reader@example.org"))
    assert "We send no mail to this address" in visible_text(answer)
    assert running_site.state("reader@example.org") is SubscriberState.SUPPRESSED


def test_who_was_suppressed_because_mail_came_back_returns_by_a_new_confirmation(
    running_site: RunningSite,
) -> None:
    running_site.subscribe("reader@example.org")
    with running_site.store.begin() as unit:
        subscriber = unit.subscribers.by_email("reader@example.org")
        assert subscriber is not None
        unit.subscribers.set_state(
            subscriber.id, SubscriberState.SUPPRESSED, "bounced: 5.1.1", running_site.clock()
        )
    old = running_site.visitor.post(running_site.link("confirm", "reader@example.org"))
    assert "Your mail came back" in visible_text(old)
    assert running_site.state("reader@example.org") is SubscriberState.SUPPRESSED
    running_site.later(hours=1)
    running_site.sign_up("reader@example.org")
    running_site.send_service_mails()
    assert len(running_site.transport.to("reader@example.org")) == 1
    assert running_site.state("reader@example.org") is SubscriberState.SUPPRESSED
    answer = running_site.visitor.post(running_site.link("confirm", "reader@example.org"))
    assert "You are subscribed" in visible_text(answer)
    assert running_site.state("reader@example.org") is SubscriberState.ACTIVE


def test_who_never_confirms_is_forgotten_and_the_link_says_so(running_site: RunningSite) -> None:
    running_site.sign_up("reader@example.org")
    running_site.send_service_mails()
    confirm = running_site.link("confirm", "reader@example.org")
    running_site.later(days=8)
    subscriptions.process_sign_ups(running_site.store, now=running_site.clock())
    assert running_site.state("reader@example.org") is None
    answer = running_site.visitor.post(confirm)
    assert answer.status_code == 200
    assert "This link has expired" in visible_text(answer)


def test_a_made_up_link_is_not_found(running_site: RunningSite) -> None:
    for purpose in ("confirm", "preferences", "unsubscribe"):
        for method in ("GET", "POST"):
            assert running_site.visitor.request(method, f"/{purpose}/nothing").status_code == 404


def test_a_link_for_one_thing_opens_no_other(running_site: RunningSite) -> None:
    running_site.subscribe("reader@example.org")
    token = running_site.link("unsubscribe", "reader@example.org").rpartition("/")[2]
    assert running_site.visitor.post(f"/preferences/{token}").status_code == 404
    assert running_site.visitor.post(f"/confirm/{token}").status_code == 404
    assert running_site.state("reader@example.org") is SubscriberState.ACTIVE


def test_older_secrets_still_open_links(tmp_path: Path) -> None:
    running_site = RunningSite(tmp_path, keys=("a newer secret", *KEYS))
    running_site.subscribe("reader@example.org")
    old = running_site.link("unsubscribe", "reader@example.org")
    assert running_site.visitor.get(old).status_code == 200
    running_site.close()


def test_a_welcome_and_a_goodbye_are_sent_where_the_operator_wants_them(tmp_path: Path) -> None:
    running_site = RunningSite(tmp_path, welcome=True, goodbye=True)
    running_site.sign_up("reader@example.org")
    running_site.send_service_mails()
    running_site.visitor.post(running_site.link("confirm", "reader@example.org"))
    running_site.send_service_mails()
    running_site.visitor.post(running_site.link("unsubscribe", "reader@example.org"))
    running_site.send_service_mails()
    subjects = [str(mail["Subject"]) for mail in running_site.transport.to("reader@example.org")]
    assert subjects == [
        "Please confirm: Daily Papers", "Welcome to Daily Papers", "You are unsubscribed from Daily Papers",
    ]  # fmt: skip
    running_site.close()


def test_without_them_only_the_confirmation_is_sent(running_site: RunningSite) -> None:
    running_site.sign_up("reader@example.org")
    running_site.send_service_mails()
    running_site.visitor.post(running_site.link("confirm", "reader@example.org"))
    running_site.visitor.post(running_site.link("unsubscribe", "reader@example.org"))
    running_site.later(hours=1)
    running_site.send_service_mails()
    assert len(running_site.transport.mails) == 1


def test_a_busy_store_is_said_and_nothing_is_promised(
    running_site: RunningSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise StoreBusyError("locked by a backup")

    monkeypatch.setattr("digest.web.signup_queue.record_sign_ups", busy)
    answer = running_site.sign_up("reader@example.org")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "locked" not in answer.text


def test_a_defect_is_one_page_and_a_log_line_without_an_address(
    running_site: RunningSite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    who = "reader"

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"{who}@example.org is at fault")

    monkeypatch.setattr("digest.web.signup_queue.record_sign_ups", broken)
    answer = running_site.sign_up("reader@example.org")
    assert answer.status_code == 500
    assert "Something went wrong" in visible_text(answer)
    assert "reader@" not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text
    assert answer.headers["content-security-policy"]


def test_an_answer_takes_its_time_whatever_is_behind_it(tmp_path: Path) -> None:
    running_site = RunningSite(tmp_path, answer_seconds=0.05)
    running_site.subscribe("known@example.org")
    for email in ("known@example.org", "unknown@example.org", "unknown@example.org"):
        answer = running_site.sign_up(email)
        assert answer.elapsed >= timedelta(seconds=0.045)
    running_site.close()


@pytest.mark.parametrize(
    "fields",
    [
        {"hour": "00000000099"}, {"hour": "9" * 4_400}, {"hour": "0" * 4_400 + "7"}, {"hour": "٧"},
        {"hour": "²"}, {"hour": "+7"}, {"hour": "-0"}, {"hour": "7.0"}, {"hour": "0x7"}, {"hour": "1_0"},
        {"max_papers": "0"}, {"max_papers": "00000000501"}, {"max_papers": "1e9"},
        {"max_papers": "9" * 4_400}, {"timezone": "posix/Europe/Paris"}, {"timezone": "right/UTC"},
        {"timezone": "posixrules"}, {"timezone": "localtime"}, {"timezone": "Factory"},
        {"timezone": "Europe"}, {"timezone": "../UTC"}, {"timezone": "UTC\0"}, {"frequency": "hourly"},
        {"format": "fax"}, {"keywords": "a\0b"}, {"unwanted": "\x1b[2J"},
    ],
)  # fmt: skip
def test_a_number_or_a_choice_that_nobody_can_have_is_refused_in_words(
    running_site: RunningSite, fields: dict[str, Any]
) -> None:
    answer = running_site.sign_up("reader@example.org", **fields)
    assert answer.status_code == 422
    assert len(answer.text) < 100_000
    running_site.send_service_mails()
    assert running_site.state("reader@example.org") is None


@pytest.mark.parametrize("hour", ["7", "07", " 7 ", "000000007", ""])
def test_an_hour_may_be_written_as_people_do(running_site: RunningSite, hour: str) -> None:
    assert running_site.sign_up("reader@example.org", hour=hour).status_code == 200


@pytest.mark.parametrize(
    "email",
    ["a@b", "root@localhost", "a@localhost.localdomain", "a@x.invalid", "papers@example.org",
     "PAPERS@example.org", "papers+list@example.org", "bounces@example.org",
     "bounces+token@example.org", "x" * 65 + "@example.org", "a@" + "b." * 127 + "org"],
)  # fmt: skip
def test_an_address_that_can_be_no_visitors_is_refused_and_a_labs_own_host_is_not(
    tmp_path: Path, email: str
) -> None:
    running_site = RunningSite(tmp_path, bounce_address="bounces@example.org")
    try:
        assert running_site.sign_up(email).status_code == 422
        assert running_site.sign_up("reader@host.local").status_code == 200
    finally:
        running_site.close()


def test_sign_ups_from_the_future_are_answered_once_the_clock_is_right_again(
    running_site: RunningSite,
) -> None:
    running_site.later(days=4_000)
    running_site.sign_up("early@example.org")
    running_site.later(days=-4_000)
    running_site.send_service_mails()
    assert len(running_site.transport.to("early@example.org")) == 1
    running_site.later(days=2)
    with running_site.store.begin() as unit:
        assert unit.sign_ups.count_recent(running_site.clock()) == 0


def test_a_damaged_sign_up_costs_no_other_its_mail(running_site: RunningSite) -> None:
    for name in ("a", "b", "c"):
        running_site.sign_up(f"{name}@example.org")
    with running_site.store.begin() as unit:
        for name, damage in (("a", "email = 'no address'"), ("b", "preferences = '{'")):
            unit.connection.exec_driver_sql(
                f"UPDATE sign_ups SET {damage} WHERE email = '{name}@example.org'"
            )
    running_site.send_service_mails()
    assert sorted(mail.recipient for mail in running_site.transport.mails) == [
        "b@example.org",
        "c@example.org",
    ]
    with running_site.store.read() as unit:
        assert unit.sign_ups.next_due() is None


def test_a_reader_whose_record_is_damaged_mends_it_on_their_own_page(
    running_site: RunningSite,
) -> None:
    running_site.subscribe("reader@example.org")
    with running_site.store.begin() as unit:
        unit.connection.exec_driver_sql("UPDATE subscribers SET preferences = '{'")
    page = running_site.link("preferences", "reader@example.org")
    assert running_site.visitor.get(page).status_code == 200
    assert running_site.visitor.post(page, data={"action": "export"}).status_code == 200
    assert running_site.visitor.post(page, data={"frequency": "daily"}).status_code == 200
    with running_site.store.read() as unit:
        subscriber = unit.subscribers.by_email("reader@example.org")
    assert subscriber is not None
    assert not subscriber.unusable
