"""The API for programs and the commands agree on every field, over one database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from cli.conftest import Terminal
from cli.test_deliveries import READERS, WITHOUT_BO, send_one_edition
from cli.test_preview_mail import lead_to
from processes import free_port
from smtp_server.server import Sink

from digest.wiring.application import open_application

TOKEN = "5b1f0c7e94d2a86b3f70c1d2e8a94b6f"
GIVEN = {
    "topics": ["language", "audio"], "exclude": ["agents"], "keywords": ["mamba", "-survey"], "frequency": "weekly",
    "hour": 7, "timezone": "Asia/Kolkata", "max_papers": 12, "format": "text",
}  # fmt: skip
OPTIONS = [
    "--topics", "language,audio", "--exclude", "agents", "--keywords", "mamba,-survey", "--frequency", "weekly",
    "--hour", "7", "--timezone", "Asia/Kolkata", "--max-papers", "12", "--format", "text",
]  # fmt: skip


@dataclass
class Api:
    """The API of the pages that are running."""

    client: httpx.Client

    def get(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.client.post(path, json=body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()


@pytest.fixture
def api(digest: Terminal) -> Iterator[Api]:
    """The pages of the list that the commands are about."""
    digest.set("DIGEST_API_TOKEN", TOKEN)
    digest.set("DIGEST_BASE_URL", "https://papers.example.org")
    digest.set("DIGEST_WEB_PORT", str(free_port()))
    digest("migrate")
    app = open_application()
    with app.web_server().running() as server:
        address = f"http://127.0.0.1:{server.port}/api/manage"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=address, headers=headers) as client:
            yield Api(client)
    app.store.close()


def test_adding_by_either_gives_the_same_fields_and_values(digest: Terminal, api: Api) -> None:
    by_command = digest("subscribers", "add", "--json", "ada@example.org", *OPTIONS).json
    by_program = api.post("/subscribers", {"email": "bob@example.org", **GIVEN})
    own = {"id", "email", "created_at"}
    assert list(by_command) == list(by_program)
    for name in by_command:
        if name not in own:
            assert by_command[name] == by_program[name], name
    assert {name: by_program[name] for name in GIVEN} == GIVEN


@pytest.mark.parametrize("confirmed", [True, False])
def test_adding_somebody_known_says_the_same(digest: Terminal, api: Api, confirmed: bool) -> None:
    word = ["--confirmed"] if confirmed else []
    digest("subscribers", "add", *word, "ada@example.org")
    by_command = digest("subscribers", "add", *word, "--json", "ada@example.org", "--hour", "9")
    body = {"email": "ada@example.org", "hour": 9, "confirmed": confirmed}
    assert api.post("/subscribers", body) == by_command.json


def test_the_lists_are_the_same_in_every_state(digest: Terminal, api: Api) -> None:
    digest("subscribers", "add", "--confirmed", *READERS, *OPTIONS)
    digest("subscribers", "add", "pending@example.org")
    digest("subscribers", "remove", "bo@example.org")
    for option, query in (([], ""), (["--state", "active"], "?state=active")):
        lines = digest("subscribers", "list", "--json", *option).lines
        assert api.get(f"/subscribers{query}")["subscribers"] == lines
        assert len(lines) == (2 if option else 4)


def test_what_is_shown_of_one_is_what_the_command_shows(digest: Terminal, api: Api) -> None:
    digest("subscribers", "add", "--confirmed", "ada@example.org", *OPTIONS)
    shown = digest("subscribers", "show", "ada@example.org").json
    found = api.post("/addresses/find", {"email": "ada@example.org"})
    assert {name: shown[name] for name in found} == found
    assert api.get(f"/subscribers/{found['id']}") == found


def test_removing_by_either_gives_the_same(digest: Terminal, api: Api) -> None:
    digest("subscribers", "add", "--confirmed", "ada@example.org")
    by_command = digest("subscribers", "remove", "--json", "ada@example.org").json
    assert api.post("/addresses/remove", {"email": "ada@example.org"}) == by_command
    assert api.post(f"/subscribers/{by_command['id']}/remove") == by_command


def test_who_may_not_come_back_is_told_with_the_same_words(digest: Terminal, api: Api) -> None:
    digest("subscribers", "add", "--confirmed", "ada@example.org")
    digest("subscribers", "erase", "--yes", "ada@example.org")
    by_command = digest("subscribers", "add", "--confirmed", "--json", "ada@example.org").json
    answer = api.client.post("/subscribers", json={"email": "ada@example.org", "confirmed": True})
    problem = answer.json()
    assert answer.status_code == 409
    assert {**problem["subscriber"], "said": problem["detail"]} == by_command


def test_deliveries_and_runs_are_those_that_the_commands_print(digest: Terminal, api: Api) -> None:
    with Sink() as relay:
        relay.behaviour = WITHOUT_BO
        lead_to(digest, relay)
        send_one_edition(digest)
    lines = digest("deliveries", "--json").lines
    assert len(lines) == 3
    whole = api.get("/deliveries")
    assert [*whole["deliveries"], *whole["posts"]] == lines
    rejected = digest("deliveries", "--json", "--state", "rejected").lines
    assert api.get("/deliveries?state=rejected")["deliveries"] == rejected
    status = digest("status", "--json").json
    tally = status["editions"][0]["deliveries"]
    assert api.get("/deliveries")["counts"] == {
        name: count for name, count in tally.items() if name != "planned_at_start"
    }
    assert status["runs"]
    for job, run in status["runs"].items():
        newest = api.get(f"/runs?job={job}")["runs"][0]
        assert {name: newest[name] for name in newest if name not in ("id", "job")} == run
        assert newest["job"] == job


def test_the_description_has_every_field_and_no_other(digest: Terminal, api: Api) -> None:
    digest("subscribers", "add", "--confirmed", "ada@example.org")
    schemas = api.get("/openapi.json")["components"]["schemas"]
    printed = digest("subscribers", "list", "--json").lines[0]
    # Only a record that cannot be used has what to do about it.
    assert set(schemas["Subscriber"]["properties"]) == {*printed, "mend"}
    assert set(schemas["Subscriber"]["required"]) == set(printed)
