"""Sign-up as JSON, by the rules of the form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from installation import SHIPPED_TOPICS
from web.site_fixture import RunningSite

from digest.model import Frequency, SubscriberState
from digest.subscriptions import SignUpLimits

JSON = {"Content-Type": "application/json"}


def test_a_program_signs_a_reader_up(running_site: RunningSite) -> None:
    answer = running_site.visitor.post(
        "/api/subscribe",
        json={
            "email": "reader@example.org",
            "topics": ["language"],
            "keywords": ["mamba", "-survey"],
            "frequency": "weekly",
            "hour": 7,
            "timezone": "Asia/Kolkata",
            "max_papers": None,
        },
    )
    assert answer.status_code == 202
    running_site.send_service_mails()
    assert len(running_site.transport.to("reader@example.org")) == 1
    with running_site.store.read() as unit:
        subscriber = unit.subscribers.by_email("reader@example.org")
    assert subscriber is not None
    assert subscriber.state is SubscriberState.PENDING
    assert subscriber.preferences.frequency is Frequency.WEEKLY
    assert subscriber.preferences.exclude_keywords == ("survey",)
    assert subscriber.preferences.hour == 7


def test_both_doors_share_one_mail_a_day(running_site: RunningSite) -> None:
    running_site.sign_up("reader@example.org")
    for _ in range(3):
        answer = running_site.visitor.post("/api/subscribe", json={"email": "Reader@example.org"})
        assert answer.status_code == 202
    running_site.send_service_mails()
    assert len(running_site.transport.mails) == 1


def test_the_answer_never_tells_whether_an_address_is_known(running_site: RunningSite) -> None:
    running_site.subscribe("known@example.org")
    answers = [
        running_site.visitor.post("/api/subscribe", json={"email": f"{who}@example.org"})
        for who in ("known", "unknown")
    ]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({}, "email"),
        ([], "body"),
        ({"email": 7}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@example.org", "hour": "7"}, "hour"),
        ({"email": "a@example.org", "hour": 24}, "hour"),
        ({"email": "a@example.org", "hour": True}, "hour"),
        ({"email": "a@example.org", "topics": "language"}, "topics"),
        ({"email": "a@example.org", "topics": ["astrology"]}, "topics"),
        ({"email": "a@example.org", "frequency": 1}, "frequency"),
        ({"email": "a@example.org", "max_papers": 10**30}, "max_papers"),
        ({"email": "a@example.org", "admin": True}, "admin"),
        ({"email": "a@example.org", "timezone": "posix/Europe/Paris"}, "timezone"),
        ({"email": "a@example.org", "exclude": ["a\0b"]}, "keywords"),
        ({"email": "a@b"}, "email"),
        ({"email": "root@localhost"}, "email"),
        ({"email": "papers@example.org"}, "email"),
        ({"email": "Papers+tag@EXAMPLE.org"}, "email"),
    ],
)
def test_a_wrong_member_is_named(running_site: RunningSite, body: object, member: str) -> None:
    answer = running_site.visitor.post(
        "/api/subscribe",
        content=json.dumps(body),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 422
    assert answer.json()["member"] == member


def test_only_json_is_taken_so_that_no_form_of_another_site_can_post_it(
    running_site: RunningSite,
) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = running_site.visitor.post(
            "/api/subscribe",
            content=b'{"email":"a@example.org"}',
            headers={"Content-Type": kind},
        )
        assert answer.status_code == 415
    assert running_site.visitor.get("/api/subscribe").status_code == 405
    assert running_site.visitor.get("/api/subscribe").json()["status"] == "error"
    preflight = running_site.visitor.request(
        "OPTIONS", "/api/subscribe", headers={"Origin": "https://evil.example"}
    )
    assert "access-control-allow-origin" not in preflight.headers


def test_too_many_are_told_when_to_come_back(tmp_path: Path) -> None:
    running_site = RunningSite(tmp_path, sign_up_limits=SignUpLimits(per_network=1, backlog=1))
    codes = [
        running_site.visitor.post("/api/subscribe", json={"email": f"r{n}@example.org"})
        for n in range(2)
    ]
    assert [code.status_code for code in codes] == [202, 429]
    assert codes[1].headers["retry-after"] == "3600"
    running_site.close()


def test_a_network_that_asks_without_end_is_told_so(running_site: RunningSite) -> None:
    answers = [running_site.visitor.post("/api/subscribe", json={}) for _ in range(121)]
    assert [answer.status_code for answer in answers[-2:]] == [422, 429]


def test_the_description_names_the_topics_and_every_answer(running_site: RunningSite) -> None:
    described = running_site.visitor.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    offered = described["components"]["schemas"]["SignUp"]["properties"]["topics"]["items"]["enum"]
    assert offered == [topic.id for topic in SHIPPED_TOPICS.topics]
    answers = described["paths"]["/api/subscribe"]["post"]["responses"]
    assert {"202", "400", "403", "413", "415", "422", "429", "503"} == set(answers)
