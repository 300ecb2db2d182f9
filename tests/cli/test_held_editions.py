"""Editions that a few see first, at the front door: settings, commands, a real relay, real kills."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cli.conftest import Terminal
from cli.test_preview_mail import lead_to, page
from fakes import parse_message
from smtp_server.behaviours import Behaviour
from smtp_server.server import Sink

EDITORS = ["editor@example.org", "deputy@example.org"]
READERS = ["ada@example.org", "bo@example.org"]
DATABASES = ["sqlite", pytest.param("postgresql", marks=[
    pytest.mark.postgres, pytest.mark.xdist_group("postgres")])]  # fmt: skip


@pytest.fixture
def sink(digest: Terminal) -> Iterator[Sink]:
    """A relay that keeps what it gets, and the settings that lead to it and to a preview."""
    with Sink() as relay:
        lead_to(digest, relay)
        digest.set("DIGEST_BASE_URL", "https://papers.list.example")
        digest.set("DIGEST_PREVIEW_TO", ", ".join(EDITORS))
        digest.set("DIGEST_SOURCES", page(digest))
        yield relay


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Moves the clock of the commands that follow."""

    def move(**span: float) -> None:
        now = datetime.now(UTC) + timedelta(**span)
        monkeypatch.setattr("digest.wiring.store_parts._utc_now", lambda: now)

    return move


def today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def recipients(relay: Sink) -> list[str]:
    """Who got a mail: the editors in their order, then the readers, whom two connections serve."""
    got = [mail.recipient for mail in relay.mails]
    return [one for one in got if one in EDITORS] + sorted(one for one in got if one not in EDITORS)


@pytest.mark.parametrize("database", DATABASES)
def test_a_day_with_a_preview_from_the_run_to_everybodys_mail(
    digest: Terminal,
    sink: Sink,
    later: Callable[..., None],
    database: str,
    request: pytest.FixtureRequest,
) -> None:
    if database == "postgresql":
        digest.set("DIGEST_DATABASE_URL", request.getfixturevalue("postgres")())
    digest.set("DIGEST_HOLD_FOR", "30")
    assert digest("subscribers", "add", "--confirmed", *READERS).code == 0
    run = digest("run")
    assert run.code == 0, run.err
    assert f"the daily edition of {today()} is held until" in run.out
    assert recipients(sink) == EDITORS
    assert all(parse_message(m.content)["Subject"].startswith("[Preview] ") for m in sink.mails)
    status = digest("status")
    assert f"quiet because: the daily edition of {today()} is held until" in status.out
    assert "previews: 2 accepted" in status.out
    hold = digest("status", "--json").json["editions"][0]["hold"]
    assert hold["state"] == "held"
    assert hold["previews"] == {"accepted": 2}
    for command in (["send"], ["send", "--now"], ["send", "--date", today(), "--now"], ["run"]):
        answer = digest(*command)
        assert answer.code == 0, answer.err
        assert "is held until" in answer.out
    assert recipients(sink) == EDITORS
    later(minutes=31)
    assert digest("send").code == 0
    assert recipients(sink) == [*EDITORS, *READERS]
    assert digest("status", "--json").json["editions"][0]["hold"]["state"] == "released"


def test_a_stop_by_hand_and_both_ways_on(digest: Terminal, sink: Sink) -> None:
    digest("subscribers", "add", "--confirmed", *READERS)
    assert "held: digest send, or the daemon, sends its preview first" in (
        digest("ingest").out + digest("publish").out
    )
    stopped = digest("stop", today())
    assert stopped.code == 0
    assert stopped.out == f"the daily edition of {today()} is stopped\n"
    assert digest("stop", today()).out == f"the daily edition of {today()} was stopped already\n"
    sent = digest("send")
    assert sent.code == 0
    assert f"was stopped by digest stop: digest release {today()} sends it" in sent.out
    assert sink.mails == []
    assert digest("release", today(), "--kind", "weekly").code == 1
    assert "is discarded: 2 papers for the next edition" in digest("discard", today()).out
    assert digest("publish").code == 0
    assert "is released" in digest("release", today()).out
    assert digest("send").code == 0
    assert recipients(sink) == READERS


@pytest.mark.parametrize("command", ["stop", "release", "discard"])
def test_what_is_not_there_is_one_line_and_what_is_no_day_is_wrong_usage(
    digest: Terminal, sink: Sink, command: str
) -> None:
    answer = digest(command, "2020-01-02")
    assert answer.code == 1
    assert answer.err == (
        "digest: there is no such edition of 2020-01-02. See them with: digest status\n"
    )
    wrong = digest(command, "yesterday")
    assert wrong.code == 2
    assert "this is not a day: 'yesterday', expected for example 2026-11-20" in wrong.err
    assert digest(command, "2020-01-02", "--kind", "monthly").code == 2
    assert digest(command).code == 2


def test_a_sender_killed_during_a_preview_repeats_none_and_loses_no_reader(
    digest: Terminal, later: Callable[..., None]
) -> None:
    with Sink(Behaviour(silent_at="final")) as relay:
        lead_to(digest, relay)
        digest.set("DIGEST_PREVIEW_TO", ", ".join(EDITORS))
        digest("subscribers", "add", "--confirmed", *READERS)
        digest("ingest", page(digest))
        digest("publish")
        sender = subprocess.Popen([sys.executable, "-m", "digest", "send"])
        until = time.monotonic() + 60
        while not relay.attempts and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.5)
        sender.kill()
        sender.wait(60)
        assert [attempt.recipient for attempt in relay.attempts] == EDITORS[:1]
    with Sink() as relay:
        lead_to(digest, relay)
        assert digest("send").code == 0
        assert relay.mails == []
        later(minutes=16)
        assert digest("send").code == 0
        assert recipients(relay) == EDITORS[1:]
        assert "previews: 1 unknown, 1 accepted" in digest("status").out.replace(
            "1 accepted, 1 unknown", "1 unknown, 1 accepted"
        )
        later(minutes=16 + 61)
        assert digest("send").code == 0
        assert recipients(relay) == [*EDITORS[1:], *READERS]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"DIGEST_HOLD_FOR": "30"}, "DIGEST_PREVIEW_TO names no address"),
        (
            {"DIGEST_PREVIEW_TO": "me@example.org", "DIGEST_HOLD_FOR": "2160"},
            "not shorter than DIGEST_EXPIRE_AFTER",
        ),
        (
            {"DIGEST_PREVIEW_TO": "me@example.org", "DIGEST_EXPIRE_AFTER": "1"},
            "not shorter than DIGEST_EXPIRE_AFTER",
        ),
        ({"DIGEST_PREVIEW_TO": "me@example.org", "DIGEST_HOLD_FOR": "soon"}, "DIGEST_HOLD_FOR"),
        ({"DIGEST_PREVIEW_TO": "me@example.org, nobody"}, "is not a mail address"),
        (
            {"DIGEST_PREVIEW_TO": ",".join(f"{n}@example.org" for n in range(21))},
            "names more than 20 addresses",
        ),
    ],
)
def test_a_hold_that_cannot_work_is_told_at_start(
    digest: Terminal, settings: dict[str, str], says: str
) -> None:
    for name, value in settings.items():
        digest.set(name, value)
    answer = digest("status")
    assert answer.code == 1
    (line,) = answer.err.splitlines()
    assert says in line


def test_the_check_says_who_looks_and_that_a_link_needs_pages(digest: Terminal) -> None:
    def finding() -> dict[str, object]:
        (found,) = [one for one in digest("check", "--json").json if one["what"] == "preview"]
        return dict(found)

    assert "DIGEST_PREVIEW_TO names nobody" in str(finding()["says"])
    digest.set("DIGEST_PREVIEW_TO", "me@example.org")
    assert finding()["warns"]
    assert "held 60 min for 1 address to look at, without a link" in str(finding()["says"])
    digest.set("DIGEST_BASE_URL", "https://papers.list.example")
    assert not finding()["warns"]
