"""Posts to chat channels as an operator meets them: settings, preview, check, status, once more."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from chat_server import Answer, ChatServer, Received, one_after_the_other
from cli.conftest import Terminal
from cli.test_preview_mail import lead_to, page
from smtp_server.server import Sink

SLACK = "https://hooks.slack.com/services/T0/B0/SECRETTTT"


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


@pytest.fixture
def listed(digest: Terminal) -> Iterator[Terminal]:
    """A list with a source, a reader and a relay."""
    with Sink() as relay:
        lead_to(digest, relay)
        digest.set("DIGEST_SOURCES", page(digest))
        digest("subscribers", "add", "--confirmed", "ada@example.org")
        yield digest


@pytest.mark.parametrize(
    "command", [("status",), ("run",), ("send",), ("deliveries",), ("subscribers", "list")]
)
def test_every_command_says_at_once_what_is_wrong_with_a_target(
    digest: Terminal, command: tuple[str, ...]
) -> None:
    digest.set("DIGEST_POST_TO", f"{SLACK}, slak+{SLACK}")
    answer = digest(*command)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == (
        "digest: DIGEST_POST_TO, item 2 of 2: slak+ is no service: did you mean slack?\n"
    )


def test_a_topic_that_there_is_not_is_told_before_anything_is_sent(listed: Terminal) -> None:
    listed.set("DIGEST_POST_TO", f"{SLACK}#only=efficency")
    answer = listed("run")
    assert answer.code == 1
    assert "only= of slack: there is no topic 'efficency'. Did you mean efficiency?" in answer.err


def test_one_run_posts_and_says_so_and_another_does_not_post_again(
    listed: Terminal, chat: ChatServer
) -> None:
    listed.set("DIGEST_POST_TO", f"mattermost+{chat.url}/hooks/SECRETTTT")
    answer = listed("run")
    assert answer.code == 0, answer.err
    assert "1 sent now, 1 of 1 accepted; posted to mattermost" in answer.out
    assert listed("run").code == 0
    assert len(chat.posted) == 1
    status = listed("status")
    assert "  posts: 1 planned = 1 accepted" in status.out.splitlines()
    (edition,) = listed("status", "--json").json["editions"]
    assert edition["posts"]["deliveries"]["accepted"] == 1
    shown = listed("deliveries")
    assert "in all: 1 accepted" in shown.out.splitlines()
    assert "accepted  post to mattermost  (200)" in shown.out.splitlines()
    reader, post = listed("deliveries", "--json").lines
    assert (reader["email"], post["post"]) == ("ada@example.org", "mattermost")
    assert "SECRETTTT" not in json.dumps([status.out, shown.out, answer.out, answer.err])


def test_a_refused_post_is_shown_with_its_reason_and_sent_once_more_when_asked(
    listed: Terminal, chat: ChatServer
) -> None:
    chat.behaviour = one_after_the_other(Answer(404, "no such hook: /hooks/SECRETTTT"), Answer())
    listed.set("DIGEST_POST_TO", f"mattermost+{chat.url}/hooks/SECRETTTT#name=lab")
    assert "rejected at lab" in listed("run").out
    (line,) = listed("deliveries", "--state", "rejected").out.splitlines()[1:]
    assert line == "rejected  post to lab  (404 no such hook: (secret))"
    wrong = listed("send", "--post-again", "slack")
    assert wrong.code == 1
    assert wrong.err.endswith("no target is named 'slack'. There are lab\n")
    again = listed("send", "--post-again", "lab")
    assert again.code == 0
    assert "posted to lab" in again.out
    assert len(chat.posted) == 1
    assert listed("send", "--post-again", "lab").code == 1


def test_a_post_is_printed_as_the_service_gets_it(digest: Terminal) -> None:
    text = digest("preview", page(digest), "--post", "slack").out
    assert text.startswith("*Daily Papers, ")
    assert "1. <https://arxiv.org/search/" in text
    edition = json.loads(digest("preview", page(digest), "--post", "webhook").out)
    assert len(edition["papers"]) == 2
    assert digest("preview", page(digest), "--post", "telegram", "--json").json["text"]


def test_a_post_is_printed_for_a_target_by_its_name(digest: Terminal) -> None:
    digest.set("DIGEST_POST_TO", f"{SLACK}#name=lab&only=audio")
    answer = digest("preview", page(digest), "--post", "lab")
    assert answer.out == ("nothing would be posted to lab: the edition has nothing it asked for\n")
    wrong = digest("preview", page(digest), "--post", "lap")
    assert wrong.code == 2
    assert "'lap' is none of lab, slack, mattermost" in " ".join(wrong.err.split())


def test_the_check_asks_without_posting_and_says_where_it_cannot(
    listed: Terminal, chat: ChatServer
) -> None:
    def answer(request: Received) -> Answer:
        assert request.method == "GET"
        if "/bot1:A/" in request.path:
            return Answer(401, '{"ok":false,"description":"Unauthorized"}')
        return Answer(200, '{"result": "success"}')

    chat.behaviour = answer
    listed.set(
        "DIGEST_POST_TO",
        f"zulip+{chat.url}#bot=b@example.org&key=SECRETTTT&channel=p, "
        f"telegram+{chat.url}#token=1:A&chat=@p, mattermost+{chat.url}/hooks/SECRETTTT",
    )
    lines = [line for line in listed("check").out.splitlines() if " post " in line]
    assert lines == [
        "ok   post           zulip at 127.0.0.1: answers, and knows us",
        "MEND post           telegram at 127.0.0.1: 401 Unauthorized",
        "ok   post           mattermost at 127.0.0.1: not tried: it cannot be asked without posting",
    ]
    assert len(chat.received) == 2


def test_without_targets_the_check_says_nothing_of_posts(listed: Terminal) -> None:
    assert " post " not in listed("check").out
