"""Each service gets the request that its documentation asks for, in which nobody can be called."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from channels.test_post_text import CONTENT

from digest.channels.exchange import HttpRequest
from digest.channels.services import PostKey, look_request, post_request, preview_text
from digest.channels.targets import Service, read_targets

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
KEY = PostKey("digest_0123", NOW)


def request(item: str) -> HttpRequest:
    (target,) = read_targets([item])
    return post_request(target, CONTENT, KEY, NOW)


def look(item: str) -> HttpRequest | None:
    (target,) = read_targets([item])
    return look_request(target)


def test_slack() -> None:
    made = request("https://hooks.slack.com/services/T0/B0/X")
    assert (made.method, made.url) == ("POST", "https://hooks.slack.com/services/T0/B0/X")
    body = json.loads(made.body)
    assert body["text"].startswith("*Daily Papers, Friday")
    assert body["unfurl_links"] is False


def test_mattermost() -> None:
    made = request("mattermost+https://chat.example.org/hooks/X")
    assert json.loads(made.body)["text"].startswith("**Daily Papers, Friday")


def test_discord_allows_no_mention_and_waits_until_it_is_kept() -> None:
    made = request("https://discord.com/api/webhooks/1/X?thread_id=7")
    assert made.url.endswith("?thread_id=7&wait=true")
    body = json.loads(made.body)
    assert body["allowed_mentions"] == {"parse": []}
    assert len(body["content"]) <= 2_000
    (embed,) = body["embeds"]
    assert len(embed["description"]) <= 4_096
    assert embed["url"] == CONTENT.url


def test_zulip() -> None:
    made = request("zulip+https://z.example.org/#bot=b@z.org&key=k&channel=papers")
    assert made.url == "https://z.example.org/api/v1/messages"
    assert made.headers["Authorization"] == f"Basic {base64.b64encode(b'b@z.org:k').decode()}"
    form = dict(parse_qsl(made.body.decode()))
    assert (form["type"], form["to"]) == ("stream", "papers")
    assert form["topic"] == "Daily Papers, Friday, 20 November 2026"
    assert "**Top picks**" in form["content"]


def test_telegram() -> None:
    made = request("telegram+https://api.telegram.org#token=1:A&chat=@papers")
    assert made.url == "https://api.telegram.org/bot1:A/sendMessage"
    body = json.loads(made.body)
    assert (body["chat_id"], body["parse_mode"]) == ("@papers", "HTML")
    assert len(body["text"]) <= 4_096


def test_matrix_has_a_transaction_and_mentions_nobody() -> None:
    made = request("matrix+https://m.example.org#token=T&room=!a:m.org")
    assert made.method == "PUT"
    assert made.url == (
        "https://m.example.org/_matrix/client/v3/rooms/%21a%3Am.org/send/m.room.message/digest_0123"
    )
    assert made.headers["Authorization"] == "Bearer T"
    body = json.loads(made.body)
    assert body["m.mentions"] == {}
    assert "<b>Top picks</b><br>" in body["formatted_body"]
    assert "https://p.example.org/1" in body["body"]


def test_a_webhook_is_the_same_but_for_its_time_however_often_it_is_tried() -> None:
    (target,) = read_targets([f"webhook+https://r.example.org/p#secret={SECRET}"])
    first, later = (
        post_request(target, CONTENT, KEY, NOW.replace(minute=minute)) for minute in (0, 30)
    )
    assert first.body == later.body
    assert first.headers["webhook-id"] == later.headers["webhook-id"] == KEY.id
    assert first.headers["webhook-signature"] != later.headers["webhook-signature"]
    assert json.loads(first.body)["type"] == "edition.published"


@pytest.mark.parametrize(
    ("item", "url"),
    [
        ("https://discord.com/api/webhooks/1/X", "https://discord.com/api/webhooks/1/X"),
        (
            "zulip+https://z.example.org#bot=b&key=k&channel=p",
            "https://z.example.org/api/v1/users/me",
        ),
        (
            "telegram+https://api.telegram.org#token=1:A&chat=@papers",
            "https://api.telegram.org/bot1:A/getChat?chat_id=%40papers",
        ),
        (
            "matrix+https://m.example.org#token=T&room=!a:m.org",
            "https://m.example.org/_matrix/client/v3/rooms/%21a%3Am.org/joined_members",
        ),
    ],
)
def test_it_is_tried_without_posting_where_the_service_can_be_asked(item: str, url: str) -> None:
    made = look(item)
    assert made is not None
    assert (made.method, made.url, made.body) == ("GET", url, b"")


def test_where_it_cannot_be_asked_nothing_is_sent() -> None:
    assert look("https://hooks.slack.com/services/T0/B0/X") is None
    assert look("mattermost+https://chat.example.org/hooks/X") is None
    assert look(f"webhook+https://r.example.org/p#secret={SECRET}") is None


@pytest.mark.parametrize("service", Service)
def test_every_post_can_be_looked_at(service: Service) -> None:
    assert preview_text(service, CONTENT)
