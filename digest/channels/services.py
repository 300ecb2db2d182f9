"""The requests that each service takes, and what its answer means for the ledger.

Sources: Slack "Sending messages using incoming webhooks"; Mattermost "Incoming webhooks"; Zulip
"Send a message"; Discord "Execute Webhook"; Telegram Bot API ``sendMessage``; Matrix client-server
API 1.7 ``PUT …/send/{eventType}/{txnId}``; Standard Webhooks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode, urlsplit

from digest.channels import markup
from digest.channels.content import PostContent
from digest.channels.exchange import HttpRequest
from digest.channels.markup import Markup
from digest.channels.post_text import first_line, length, post_text
from digest.channels.signature import signed_headers
from digest.channels.targets import PostTarget, Service

LIMITS = {
    Service.SLACK: 4_000,  # recommended; 40,000 are taken
    Service.MATTERMOST: 4_000,  # taken by every version; later ones take 16,383
    Service.ZULIP: 10_000,
    Service.DISCORD: 4_096,  # an embed's description
    Service.TELEGRAM: 4_096,
    Service.MATRIX: 16_000,  # of 65,536 octets for the whole event, which has the text twice
}
"""UTF-16 units of a post at most, as each service documents it, or fewer."""
_DISCORD_LINE, _DISCORD_TITLE, _ZULIP_TOPIC = 2_000, 256, 60
_WRITING = {
    Service.SLACK: markup.SLACK,
    Service.MATTERMOST: markup.MARKDOWN,
    Service.ZULIP: markup.ZULIP,
    Service.DISCORD: markup.MARKDOWN,
    Service.TELEGRAM: markup.TELEGRAM,
    Service.MATRIX: markup.MATRIX,
}
_JSON = {"Content-Type": "application/json"}
EVENT_TYPE = "edition.published"


@dataclass(frozen=True, slots=True)
class PostKey:
    """Identity of a post, which tells it from every other: its id, the same however often it is tried."""

    id: str
    made_at: datetime


def preview_text(service: Service, content: PostContent) -> str:
    """The text of a post as the service gets it, for a person to look at; of a webhook its JSON."""
    if service is Service.WEBHOOK:
        return json.dumps(content.edition, ensure_ascii=False, indent=2)
    return _text(service, content)


def post_request(
    target: PostTarget, content: PostContent, key: PostKey, now: datetime
) -> HttpRequest:
    """The request that posts an edition to a target."""
    match target.service:
        case Service.ZULIP:
            return _zulip(target, content)
        case Service.MATRIX:
            return _matrix(target, content, key)
        case Service.WEBHOOK:
            return _webhook(target, content, key, now)
        case Service.TELEGRAM:
            body: dict[str, object] = {
                "chat_id": target.options["chat"],
                "text": _text(target.service, content),
                "parse_mode": "HTML",
                "link_preview_options": {"is_disabled": True},
            }
            return _post(_telegram(target, "sendMessage"), body)
        case Service.DISCORD:
            return _post(_with_query(target.url, "wait=true"), _discord(content))
        case Service.SLACK:
            body = {
                "text": _text(target.service, content),
                "unfurl_links": False,
                "unfurl_media": False,
            }
            return _post(target.url, body)
        case Service.MATTERMOST:
            return _post(target.url, {"text": _text(target.service, content)})


def look_request(target: PostTarget) -> HttpRequest | None:
    """The request that tries a target without posting; ``None`` where its service has none."""
    base = target.url.rstrip("/")
    match target.service:
        case Service.DISCORD:
            return HttpRequest("GET", target.url)
        case Service.TELEGRAM:
            query = urlencode({"chat_id": target.options["chat"]})
            return HttpRequest("GET", f"{_telegram(target, 'getChat')}?{query}")
        case Service.ZULIP:
            return HttpRequest("GET", f"{base}/api/v1/users/me", _basic(target))
        case Service.MATRIX:
            room = quote(target.options["room"], safe="")
            url = f"{base}/_matrix/client/v3/rooms/{room}/joined_members"
            return HttpRequest("GET", url, _bearer(target))
        case _:
            return None


def _text(service: Service, content: PostContent) -> str:
    return post_text(content, _WRITING[service], LIMITS[service])


def _post(url: str, body: Mapping[str, object]) -> HttpRequest:
    return HttpRequest("POST", url, _JSON, _encoded(body))


def _encoded(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def _with_query(url: str, query: str) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{query}"


def _discord(content: PostContent) -> dict[str, object]:
    """A line and an embed: mentions in an embed call nobody, and none is allowed besides."""
    writing: Markup = _WRITING[Service.DISCORD]
    line = first_line(content, writing)
    title = content.heading if length(content.heading) <= _DISCORD_TITLE else ""
    embed: dict[str, object] = {"description": _text(Service.DISCORD, content)}
    if content.url:
        embed["url"] = content.url
    return {
        "content": line if length(line) <= _DISCORD_LINE else "",
        "embeds": [embed | ({"title": markup.harmless(title)} if title and content.url else {})],
        "allowed_mentions": {"parse": []},
    }


def _zulip(target: PostTarget, content: PostContent) -> HttpRequest:
    topic = target.options.get("topic") or markup.harmless(content.heading)
    form = {
        "type": "stream",
        "to": target.options["channel"],
        "topic": topic[:_ZULIP_TOPIC],
        "content": _text(Service.ZULIP, content),
    }
    url = f"{target.url.rstrip('/')}/api/v1/messages"
    headers = {**_basic(target), "Content-Type": "application/x-www-form-urlencoded"}
    return HttpRequest("POST", url, headers, urlencode(form, errors="replace").encode())


def _matrix(target: PostTarget, content: PostContent, key: PostKey) -> HttpRequest:
    body = {
        "msgtype": "m.notice",
        "body": post_text(content, markup.PLAIN, LIMITS[Service.MATRIX]),
        "format": "org.matrix.custom.html",
        "formatted_body": _text(Service.MATRIX, content),
        "m.mentions": {},
    }
    room = quote(target.options["room"], safe="")
    url = f"{target.url.rstrip('/')}/_matrix/client/v3/rooms/{room}/send/m.room.message/{key.id}"
    return HttpRequest("PUT", url, {**_JSON, **_bearer(target)}, _encoded(body))


def _webhook(target: PostTarget, content: PostContent, key: PostKey, now: datetime) -> HttpRequest:
    event = {"type": EVENT_TYPE, "timestamp": key.made_at.isoformat(), "data": content.edition}
    body = _encoded(event)
    headers = signed_headers(target.options["secret"], key.id, int(now.timestamp()), body)
    return HttpRequest("POST", target.url, {**_JSON, **headers}, body)


def _telegram(target: PostTarget, method: str) -> str:
    return f"{target.url.rstrip('/')}/bot{target.options['token']}/{method}"


def _basic(target: PostTarget) -> dict[str, str]:
    return {"Authorization": f"Basic {target.login}"}


def _bearer(target: PostTarget) -> dict[str, str]:
    return {"Authorization": f"Bearer {target.options['token']}"}
