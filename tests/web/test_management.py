"""The API for programs: what a token lets them do, and how they are told what they may not."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from fixtures.stores import empty_database
from web.site_fixture import RunningSite

from digest import subscriptions
from digest.model import EditionKind, PlannedPost, SubscriberState
from digest.web.api_tokens import MOST_REFUSED, MOST_REQUESTS

TOKEN = "5b1f0c7e94d2a86b3f70c1d2e8a94b6f"
OTHER = "9e4c2a7d51f80b36c7d9e2f4a1b85c60"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
SUBSCRIBERS = "/api/manage/subscribers"


class Program:
    """A program with a token, at a site."""

    def __init__(self, site: RunningSite) -> None:
        self.site = site

    def __call__(self, method: str, path: str, body: Any = None, **how: Any) -> httpx.Response:
        return self.site.visitor.request(
            method, f"/api/manage{path}", json=body, headers=BEARER, **how
        )

    def send(self, method: str, path: str, body: bytes, kind: str = "application/json") -> Any:
        headers = {**BEARER, "Content-Type": kind}
        return self.site.visitor.request(
            method, f"/api/manage{path}", content=body, headers=headers
        )

    def add(self, email: str = "ada@example.org", **members: Any) -> dict[str, Any]:
        answer = self("POST", "/subscribers", {"email": email, **members})
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json())


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    site = RunningSite(tmp_path, api_tokens=(OTHER, TOKEN))
    yield Program(site)
    site.close()


def problem(answer: httpx.Response, status: int, member: str | None = None) -> dict[str, Any]:
    """The problem document of an answer, which must be one."""
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert (answer.status_code, document["status"]) == (status, status), document
    assert document["type"] == "about:blank"
    assert document["detail"]
    if member is not None:
        assert document["member"] == member
    return document


def test_without_a_token_in_the_settings_there_is_no_such_api(running_site: RunningSite) -> None:
    for path in ("/subscribers", "/deliveries", "/runs", "/openapi.json", "/subscribers/1"):
        answer = running_site.visitor.get(f"/api/manage{path}", headers=BEARER)
        problem(answer, 404)


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "é"],
)
def test_a_wrong_token_opens_nothing(program: Program, authorization: str) -> None:
    headers = {b"Authorization": authorization.encode("latin-1")} if authorization else {}
    answer = program.site.visitor.post(
        SUBSCRIBERS, json={"email": "a@example.org"}, headers=headers
    )
    problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert program.site.state("a@example.org") is None


def test_each_of_several_tokens_opens_it(program: Program) -> None:
    for token in (TOKEN, OTHER):
        headers = {"Authorization": f"bearer {token}"}
        assert program.site.visitor.get(SUBSCRIBERS, headers=headers).status_code == 200


def test_wrong_tokens_wear_out_and_a_right_one_is_let_in_all_the_same(program: Program) -> None:
    wrong = {"Authorization": "Bearer guess"}
    answers = [
        program.site.visitor.get(SUBSCRIBERS, headers=wrong) for _ in range(MOST_REFUSED + 1)
    ]
    assert {answer.status_code for answer in answers[:-1]} == {401}
    problem(answers[-1], 429)
    assert answers[-1].headers["retry-after"] == "60"
    assert program("GET", "/subscribers").status_code == 200


def test_a_token_has_so_many_requests_a_minute(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_REQUESTS >= 100
    codes = [program("GET", "/openapi.json").status_code for _ in range(MOST_REQUESTS + 1)]
    assert set(codes[:-1]) == {200}
    assert codes[-1] == 429


def test_a_page_of_another_site_is_refused_though_it_has_the_token(program: Program) -> None:
    headers = {**BEARER, "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    answer = program.site.visitor.get(SUBSCRIBERS, headers=headers)
    problem(answer, 403)
    assert "access-control-allow-origin" not in answer.headers


def test_nothing_of_it_is_kept_on_the_way(program: Program) -> None:
    program.add()
    for path in ("/subscribers", "/subscribers/1", "/runs", "/openapi.json"):
        answer = program("GET", path)
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers


def test_adding_asks_to_confirm_unless_the_operator_vouches(program: Program) -> None:
    asked = program.add("ada@example.org", topics=["language"], hour=7)
    assert (asked["state"], asked["topics"], asked["hour"]) == ("pending", ["language"], 7)
    assert "a mail asks for it" in asked["said"]
    vouched = program.add("bo@example.org", confirmed=True)
    assert (vouched["state"], vouched["said"]) == ("active", "added")
    program.site.send_service_mails()
    assert [mail.recipient for mail in program.site.transport.mails] == ["ada@example.org"]


def test_the_first_answer_says_where_the_new_subscriber_is(program: Program) -> None:
    answer = program("POST", "/subscribers", {"email": "Ada@Example.org", "confirmed": True})
    assert answer.status_code == 201
    there = httpx.URL(answer.headers["location"]).path
    shown = program.site.visitor.get(there, headers=BEARER).json()
    assert shown == {name: value for name, value in answer.json().items() if name != "said"}
    assert "ada" not in there.lower()


def test_adding_again_changes_only_what_is_given(program: Program) -> None:
    program.add(confirmed=True, topics=["language"], hour=7)
    again = program("POST", "/subscribers", {"email": "ADA@example.org", "hour": 9})
    assert again.status_code == 200
    assert (again.json()["topics"], again.json()["hour"]) == (["language"], 9)
    plain = program.add()
    assert plain["said"] == "known already (active)"
    assert program("GET", "/subscribers").json()["total"] == 1


def test_who_left_or_complained_is_not_brought_back_nor_mailed(program: Program) -> None:
    site = program.site
    for name in ("left", "complained", "declined"):
        program.add(f"{name}@example.org", confirmed=name != "declined")
    with site.store.begin() as unit:
        for name, state in (("left", "unsubscribed"), ("complained", "suppressed")):
            number = site.number(f"{name}@example.org")
            reason = "by a link" if name == "left" else "complained"
            unit.subscribers.set_state(number, SubscriberState(state), reason, site.clock())
    site.send_service_mails()
    sent = len(site.transport.mails)
    for name in ("left", "complained"):
        for confirmed in (True, False):
            members = {"email": f"{name}@example.org", "confirmed": confirmed}
            refused = problem(program("POST", "/subscribers", members), 409)
            assert refused["subscriber"]["email"] == f"{name}@example.org"
            assert refused["subscriber"]["state"] in ("unsubscribed", "suppressed")
        number = site.number(f"{name}@example.org")
        problem(program("PATCH", f"/subscribers/{number}", {"hour": 3}), 409)
    site.send_service_mails()
    assert len(site.transport.mails) == sent


def test_changing_sets_what_is_given_and_null_takes_it_back(program: Program) -> None:
    number = program.add(confirmed=True, hour=7, keywords=["mamba", "-survey"])["id"]
    path = f"/subscribers/{number}"
    changed = program("PATCH", path, {"hour": None, "exclude": ["language"], "max_papers": 5.0})
    assert changed.status_code == 200
    shown = program("GET", path).json()
    assert shown["hour"] is None
    assert shown["exclude"] == ["language"]
    assert shown["max_papers"] == 5
    assert shown["keywords"] == ["mamba", "-survey"]
    program("PATCH", path, {"keywords": ["-gan", "state  space"]})
    assert program("GET", path).json()["keywords"] == ["state space", "-gan"]


def test_every_choice_comes_back_as_it_was_given(program: Program) -> None:
    given: dict[str, Any] = {
        "topics": ["language", "audio"], "exclude": ["agents"], "keywords": ["mamba", "-survey"],
        "frequency": "weekly", "hour": 0, "timezone": "Asia/Kolkata", "max_papers": 500, "format": "text",
    }  # fmt: skip
    added = program.add(confirmed=True, **given)
    assert {name: added[name] for name in given} == given
    again = program("PATCH", f"/subscribers/{added['id']}", given).json()
    assert {name: again[name] for name in given} == given


def test_removing_is_done_once_and_saying_it_again_does_no_harm(program: Program) -> None:
    number = program.add(confirmed=True)["id"]
    first = program("POST", f"/subscribers/{number}/remove")
    second = program("POST", f"/subscribers/{number}/remove")
    third = program("POST", "/addresses/remove", {"email": "ada@example.org"})
    assert first.status_code == 200
    assert first.json() == second.json() == third.json()
    assert first.json()["reason"] == subscriptions.REMOVED_BY_OPERATOR
    back = program("POST", "/subscribers", {"email": "ada@example.org", "confirmed": True})
    assert back.json()["state"] == "active"


def test_somebody_is_found_by_address_and_by_number(program: Program) -> None:
    number = program.add("Ada@example.org")["id"]
    found = program("POST", "/addresses/find", {"email": "ADA@EXAMPLE.ORG"}).json()
    assert found == program("GET", f"/subscribers/{number}").json()
    for answer in (
        program("POST", "/addresses/find", {"email": "nobody@example.org"}),
        program("POST", "/addresses/remove", {"email": "nobody@example.org"}),
        *(program("GET", f"/subscribers/{id}") for id in ("0", "99", "x", "9" * 16, "9" * 5000)),
        program("GET", "/subscribers/-1"),
        program("PATCH", "/subscribers/99", {}),
        program("POST", "/subscribers/99/remove"),
    ):
        problem(answer, 404)


def test_the_list_is_read_page_by_page(program: Program) -> None:
    for number in range(7):
        program.add(f"reader{number}@example.org", confirmed=number % 2 == 0)
    page = program("GET", "/subscribers?limit=3").json()
    assert page["total"] == 7
    emails = [one["email"] for one in page["subscribers"]]
    # Who comes or goes meanwhile moves nobody to another page.
    program("POST", "/addresses/remove", {"email": "reader0@example.org"})
    program.add("late@example.org")
    while page["next"]:
        page = program("GET", f"/subscribers?limit=3&after={page['next']}").json()
        emails += [one["email"] for one in page["subscribers"]]
    assert emails == [*(f"reader{number}@example.org" for number in range(7)), "late@example.org"]
    active = program("GET", "/subscribers?state=active").json()
    assert (active["total"], len(active["subscribers"]), active["next"]) == (3, 3, None)


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/subscribers?state=asleep", "state"),
        ("/subscribers?state=", "state"),
        ("/subscribers?limit=0", "limit"),
        ("/subscribers?limit=501", "limit"),
        ("/subscribers?limit=²", "limit"),
        ("/subscribers?after=-1", "after"),
        ("/subscribers?after=" + "9" * 4000, "after"),
        ("/subscribers?stat=active", "stat"),
        ("/subscribers?%00=1", "\0"),
        ("/deliveries?edition=yesterday", "edition"),
        ("/deliveries?edition=2026-W47", "edition"),
        ("/deliveries?edition=2026-W47-5", "edition"),
        ("/deliveries?edition=0000-01-01", "edition"),
        ("/deliveries?after=7", "after"),
        ("/deliveries?state=%00", "state"),
        ("/runs?job=lunch", "job"),
        ("/runs?before=0", "before"),
    ],
)
def test_a_wrong_parameter_is_named(program: Program, path: str, parameter: str) -> None:
    assert problem(program("GET", path), 400)["parameter"] == parameter


def test_a_parameter_given_twice_is_refused(program: Program) -> None:
    problem(program("GET", "/subscribers?limit=1&limit=2"), 400)


@pytest.mark.parametrize(
    ("members", "wrong"),
    [
        ({}, "email"),
        ({"email": None}, "email"),
        ({"email": ["a@example.org"]}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@example.org\0"}, "email"),
        ({"email": "a" * 300 + "@example.org"}, "email"),
        ({"email": "a@example.org\r\nBcc: b@example.org"}, "email"),
        ({"email": "17"}, "email"),
        ({"email": "a@example.org", "admin": True}, "admin"),
        ({"email": "a@example.org", "id": 1}, "id"),
        ({"email": "a@example.org", "confirmed": "yes"}, "confirmed"),
        ({"email": "a@example.org", "confirmed": 1}, "confirmed"),
        ({"email": "a@example.org", "again": None}, "again"),
        ({"email": "a@example.org", "topics": "language"}, "topics"),
        ({"email": "a@example.org", "topics": ["astrology"]}, "topics"),
        ({"email": "a@example.org", "topics": [None]}, "topics"),
        ({"email": "a@example.org", "topics": ["language"] * 999}, "topics"),
        ({"email": "a@example.org", "exclude": ["survey"]}, "exclude"),
        ({"email": "a@example.org", "keywords": ["a\0b"]}, "keywords"),
        ({"email": "a@example.org", "keywords": ["a, b"]}, "keywords"),
        ({"email": "a@example.org", "keywords": [""]}, "keywords"),
        ({"email": "a@example.org", "keywords": ["-"]}, "keywords"),
        ({"email": "a@example.org", "keywords": ["a\n"]}, "keywords"),
        ({"email": "a@example.org", "keywords": ["x" * 81]}, "keywords"),
        ({"email": "a@example.org", "keywords": ["x"] * 51}, "keywords"),
        ({"email": "a@example.org", "frequency": "hourly"}, "frequency"),
        ({"email": "a@example.org", "frequency": None}, "frequency"),
        ({"email": "a@example.org", "hour": 24}, "hour"),
        ({"email": "a@example.org", "hour": "7"}, "hour"),
        ({"email": "a@example.org", "hour": True}, "hour"),
        ({"email": "a@example.org", "hour": 7.5}, "hour"),
        ({"email": "a@example.org", "max_papers": 10**300}, "max_papers"),
        ({"email": "a@example.org", "max_papers": 0}, "max_papers"),
        ({"email": "a@example.org", "timezone": ""}, "timezone"),
        ({"email": "a@example.org", "timezone": "Mars/Olympus"}, "timezone"),
        ({"email": "a@example.org", "format": "pdf"}, "format"),
        ([], "body"),
        ("a@example.org", "body"),
        (7, "body"),
    ],
)
def test_a_wrong_member_is_named_and_nobody_is_added(
    program: Program, members: Any, wrong: str
) -> None:
    answer = program.send("POST", "/subscribers", json.dumps(members).encode())
    problem(answer, 422, wrong)
    assert program("GET", "/subscribers").json()["total"] == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"email": "a@example.org", "email": "b@example.org"}', 400),
        (b'{"email": "\\ud800@example.org"}', 400),
        (b'{"email": "a@example.org", "hour": NaN}', 400),
        (b'{"email": "a@example.org", "hour": ' + b"9" * 5000 + b"}", 400),
        (b'{"topics": ' + b"[" * 12_000 + b"]" * 12_000 + b"}", 400),
        (b'{"email": "' + b"a" * 40_000 + b'"}', 413),
    ],
    ids=["empty", "cut", "bytes", "twice", "surrogate", "NaN", "digits", "deep", "large"],
)
def test_a_body_that_is_no_json_is_refused(program: Program, body: bytes, status: int) -> None:
    problem(program.send("POST", "/subscribers", body), status)


def test_a_body_must_be_called_json(program: Program) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        problem(program.send("POST", "/subscribers", b'{"email":"a@example.org"}', kind), 415)


def test_a_method_that_an_address_does_not_take_is_told_those_it_does(program: Program) -> None:
    for method, path in (
        ("DELETE", "/subscribers"),
        ("PUT", "/subscribers/1"),
        ("GET", "/addresses/find"),
        ("POST", "/runs"),
    ):
        answer = program(method, path)
        problem(answer, 405)
        assert method not in answer.headers["allow"].split(", ")


def test_what_became_of_the_deliveries_of_a_day_is_listed(program: Program) -> None:
    site = program.site
    site.subscribe("ada@example.org", "bo@example.org", "cy@example.org")
    problem(program("GET", "/deliveries"), 404)
    site.publish("ABC")
    whole = program("GET", "/deliveries").json()
    assert whole["edition"] == "2026-11-20"
    assert whole["counts"]["accepted"] == 3
    assert [one["email"] for one in whole["deliveries"]] == [
        "ada@example.org", "bo@example.org", "cy@example.org",
    ]  # fmt: skip
    paged, path = [], "/deliveries?limit=1&edition=2026-11-20&state=accepted"
    after = ""
    while after is not None:
        page = program("GET", f"{path}&after={after}" if after else path).json()
        paged += page["deliveries"]
        after = page["next"]
    assert paged == whole["deliveries"]
    assert program("GET", "/deliveries?state=rejected").json()["deliveries"] == []
    for day in ("2026-11-01", "0001-01-01", "9999-12-31"):
        problem(program("GET", f"/deliveries?edition={day}"), 404)


def test_posts_to_channels_are_listed_beside_the_deliveries(program: Program) -> None:
    site = program.site
    site.publish("ABC")
    with site.store.begin() as unit:
        newest = unit.editions.newest(EditionKind.DAILY)
        assert newest is not None
        unit.posts.plan(newest.id, [PlannedPost("lab chat")], site.clock())
    listed = program("GET", "/deliveries").json()
    assert [(post["post"], post["state"]) for post in listed["posts"]] == [("lab chat", "planned")]
    described = program("GET", "/openapi.json").json()["components"]["schemas"]["Post"]
    assert set(described["properties"]) == set(listed["posts"][0])
    assert program("GET", "/deliveries?state=accepted").json()["posts"] == []


def test_runs_are_listed_newest_first_page_by_page(program: Program) -> None:
    program.site.publish("AB")
    program.site.later(days=1)
    program.site.publish("BC")
    whole = program("GET", "/runs").json()
    assert whole["runs"][0]["job"] == "daily"
    assert whole["next"] is None
    first = program("GET", "/runs?limit=2").json()
    rest = program("GET", f"/runs?before={first['next']}").json()
    assert first["runs"] + rest["runs"] == whole["runs"]
    ingests = program("GET", "/runs?job=ingest").json()["runs"]
    assert {run["job"] for run in ingests} == {"ingest"}


def test_a_database_that_is_busy_is_told_with_when_to_come_back(tmp_path: Path) -> None:
    path = tmp_path / "digest.db"
    empty_database(path)
    site = RunningSite(tmp_path, address=f"sqlite:///{path}?timeout=0.2", api_tokens=(TOKEN,))
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = Program(site)("POST", "/subscribers", {"email": "ada@example.org"})
        problem(answer, 503)
        assert answer.headers["retry-after"] == "30"
    assert Program(site).add("ada@example.org")["state"] == "pending"
    site.close()


def test_a_record_that_cannot_be_used_is_answered_with_what_to_do(program: Program) -> None:
    number = program.add(confirmed=True)["id"]
    with program.site.store.begin() as unit:
        unit.connection.exec_driver_sql(
            'UPDATE subscribers SET preferences = \'{"hour": "\\ud800"}\''
        )
    shown = program("GET", f"/subscribers/{number}")
    assert shown.status_code == 200
    assert shown.json()["set_aside"].startswith("preferences")
    assert "digest subscribers add" in shown.json()["mend"]
    assert program("GET", "/subscribers").json()["subscribers"] == [shown.json()]
    mended = program("PATCH", f"/subscribers/{number}", {"hour": 7}).json()
    assert (mended["set_aside"], mended["hour"]) == (None, 7)


def test_no_log_line_holds_an_address_or_a_token(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        number = program.add("ada@example.org", confirmed=True)["id"]
        program("PATCH", f"/subscribers/{number}", {"keywords": ["secret hobby"]})
        program("POST", "/addresses/remove", {"email": "ada@example.org"})
        program("POST", "/subscribers", {"email": "nobody"})
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("digest")]
    assert f"a program removed subscriber {number}" in ours
    for line in ours:
        assert "ada" not in line
        assert TOKEN not in line
        assert "hobby" not in line


def test_the_description_is_apart_from_the_public_one(program: Program) -> None:
    described = program("GET", "/openapi.json").json()
    assert described["openapi"] == "3.1.0"
    assert described["servers"] == [{"url": "https://papers.example.org/api/manage"}]
    public = program.site.visitor.get("/api/openapi.json").json()
    assert not any("manage" in path for path in public["paths"])
    problem(program.site.visitor.get("/api/manage/openapi.json"), 401)
