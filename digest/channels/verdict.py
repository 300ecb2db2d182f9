"""Judge the answer to a post: sent, refused, to be tried again, or in doubt.

A post is *in doubt* where the whole of it may have left and nobody said what became of it: the
connection ended, the time was over, or a gateway in between lost its own connection (502, 504, and
520 to 524 of one large network). Then it is repeated only where the other side drops repeats. An
answer of 500 or 503 is the service's own word that it did not post it (RFC 9110 §15.6).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from digest.channels.exchange import HttpAnswer
from digest.channels.targets import PostTarget, Service
from digest.model import DeliveryState
from digest.redaction import without_addresses
from digest.retry_after import LONGEST_WAIT, seconds_to_wait
from digest.visible import visible

_GATEWAY = frozenset({502, 504, 520, 521, 522, 523, 524})
_LATER = frozenset({408, 425, 429})
_LONGEST_WORDS = 200
_SECRET = "(secret)"  # noqa: S105 - what stands in its place


@dataclass(frozen=True, slots=True)
class PostVerdict:
    """The state that an attempt ended in, in words, and how long the service asks us to wait."""

    state: DeliveryState
    words: str = ""
    code: int | None = None
    wait: timedelta = timedelta()


def judge(answer: HttpAnswer, target: PostTarget, now: datetime) -> PostVerdict:
    """Say what became of a post. The words hold no secret and no mail address."""
    words = _words(answer, target)
    status = answer.status
    if status is None:
        if answer.begun:
            return PostVerdict(DeliveryState.UNKNOWN, words)
        return PostVerdict(DeliveryState.DEFERRED, words)
    if 200 <= status < 300:
        if _denies(answer, target):
            return PostVerdict(DeliveryState.REJECTED, words, status)
        return PostVerdict(DeliveryState.ACCEPTED, "", status)
    if 300 <= status < 400:
        return PostVerdict(
            DeliveryState.REJECTED,
            "redirects to another address, which is not followed with a secret",
            status,
        )
    if status in _GATEWAY:
        return PostVerdict(DeliveryState.UNKNOWN, words, status)
    if status in _LATER or status >= 500:
        return PostVerdict(DeliveryState.DEFERRED, words, status, _asked_wait(answer, now))
    return PostVerdict(DeliveryState.REJECTED, words, status)


def _asked_wait(answer: HttpAnswer, now: datetime) -> timedelta:
    """The time the service wants: of its headers, or of its JSON (Telegram, Discord, Matrix, Zulip)."""
    named = {name.title(): value for name, value in answer.headers.items()}
    told = [seconds_to_wait(named, now) or 0.0]
    fields = _fields(answer)
    parameters = fields.get("parameters")
    nested = parameters.get("retry_after") if isinstance(parameters, dict) else None
    told += [_seconds(fields.get("retry_after")), _seconds(nested)]
    told.append(_seconds(fields.get("retry_after_ms")) / 1000)
    told.append(_seconds(fields.get("retry-after")))
    return timedelta(seconds=min(max(told), LONGEST_WAIT))


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) and 0 <= value < 1e12 else 0.0


def _denies(answer: HttpAnswer, target: PostTarget) -> bool:
    """True where a service says in a good answer's text that it did not post."""
    fields = _fields(answer)
    match target.service:
        case Service.TELEGRAM:
            return fields.get("ok") is False
        case Service.ZULIP:
            return fields.get("result") == "error"
        case _:
            return False


def _fields(answer: HttpAnswer) -> Mapping[str, Any]:
    try:
        fields = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _words(answer: HttpAnswer, target: PostTarget) -> str:
    """The answer in words: a message where there is one, or the first of its text."""
    if answer.status is None:
        words = answer.trouble
    else:
        fields = _fields(answer)
        told = [fields.get(name) for name in ("description", "msg", "error", "message")]
        text = next((each for each in told if isinstance(each, str) and each), "")
        words = text or answer.body[:1_000].decode("utf-8", "replace")
    for secret in target.secrets:
        words = words.replace(secret, _SECRET)
    words = without_addresses(" ".join(words.split()))
    return visible(words)[:_LONGEST_WORDS]
