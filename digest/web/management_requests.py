"""Bodies of the API for programs, read strictly: each wrong member is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request

from digest import subscriptions
from digest.errors import SubscriberError
from digest.hours import is_zone
from digest.model import (
    MAX_KEYWORD_LENGTH,
    MAX_KEYWORDS,
    MAX_PAPERS,
    Frequency,
    MailFormat,
    Preferences,
    Topic,
)
from digest.web.api import read_json
from digest.web.forms import read_body
from digest.web.problems import Problem

KEYWORD = (
    rf"^-?[^\s;,|\-\u0000-\u001f\u007f-\u009f]"
    rf"[^;,|\u0000-\u001f\u007f-\u009f]{{0,{MAX_KEYWORD_LENGTH - 1}}}$"
)
"""The form of a keyword; with a ``-`` before it, of an unwanted one."""
PREFERENCES: Mapping[str, tuple[str, ...]] = {
    "topics": ("topics",),
    "exclude": ("exclude_topics",),
    "keywords": ("keywords", "exclude_keywords"),
    "frequency": ("frequency",),
    "hour": ("hour",),
    "timezone": ("timezone",),
    "max_papers": ("max_papers",),
    "format": ("format",),
}
"""The members that say preferences, and the fields of `Preferences` that each stands for."""
_JSON = ("application/json", "application/merge-patch+json")
_keyword = re.compile(KEYWORD.removesuffix("$") + r"\Z")


async def read_members(request: Request, *known: str) -> dict[str, Any]:
    """The members of the request's JSON object.

    Raises a 413, 415 or 400 for a body that is none, a 422 for a member that is not ``known``.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _JSON:
        raise Problem(415)
    try:
        members = read_json(await read_body(request))
    except (ValueError, RecursionError):
        raise Problem(400, "The body is not JSON.") from None
    if not isinstance(members, dict):
        raise Problem(422, "The body is not an object.", member="body")
    for name in members:
        if name not in known:
            raise wrong_member(name, f"There is no such member; there are: {', '.join(known)}.")
    return members


def read_address(members: Mapping[str, Any]) -> str:
    """The member ``email`` in the form that is kept. Raises a 422 for what is no address."""
    email = members.get("email")
    if not isinstance(email, str):
        raise wrong_member("email", "An address is needed here.")
    try:
        return subscriptions.validate_address(email)
    except SubscriberError as error:
        raise wrong_member("email", f"{error.what}. {error.mend}") from None


def read_flag(members: Mapping[str, Any], name: str) -> bool:
    """A member that is ``true`` or ``false``; ``False`` without one. Raises a 422 for another."""
    value = members.get(name, False)
    if not isinstance(value, bool):
        raise wrong_member(name, "It is true or false.")
    return value


def read_choices(
    members: Mapping[str, Any], topics: Sequence[Topic]
) -> tuple[Preferences, tuple[str, ...]]:
    """The preferences that a request gives, and their fields that it says something of.

    ``null`` takes a number or a time zone back to the list's own. Raises a 422 for a wrong one.
    """
    ids = {topic.id: None for topic in topics}
    readers: dict[str, Callable[[Any, str], Mapping[str, Any]]] = {
        "topics": lambda value, name: {"topics": _topics(value, name, ids)},
        "exclude": lambda value, name: {"exclude_topics": _topics(value, name, ids)},
        "keywords": _keywords,
        "frequency": lambda value, name: {name: Frequency(_one_of(value, name, list(Frequency)))},
        "hour": lambda value, name: {name: _number(value, name, 0, 23)},
        "timezone": _timezone,
        "max_papers": lambda value, name: {name: _number(value, name, 1, MAX_PAPERS)},
        "format": lambda value, name: {name: MailFormat(_one_of(value, name, list(MailFormat)))},
    }
    values: dict[str, Any] = {}
    for name, read in readers.items():
        if name in members:
            values |= read(members[name], name)
    return Preferences(**values), tuple(values)


def _texts(value: Any, name: str, most: int) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise wrong_member(name, "It is a list of texts.")
    if len(value) > most:
        raise wrong_member(name, f"It has more than {most} items.")
    return tuple(dict.fromkeys(value))


def _topics(value: Any, name: str, known: Mapping[str, object]) -> tuple[str, ...]:
    named = _texts(value, name, len(known))
    for topic in named:
        if topic not in known:
            raise wrong_member(
                name, f"There is no topic {topic[:40]!r}; there are: {', '.join(known)}."
            )
    return named


def _keywords(value: Any, name: str) -> Mapping[str, tuple[str, ...]]:
    words = _texts(value, name, MAX_KEYWORDS)
    for word in words:
        if not _keyword.match(word):
            raise wrong_member(
                name,
                f"Each is a text of at most {MAX_KEYWORD_LENGTH} characters without commas, "
                "semicolons, | and control characters; a - before it says that it is unwanted.",
            )
    plain = [" ".join(word.split()) for word in words]
    return {
        "keywords": tuple(dict.fromkeys(word for word in plain if word[0] != "-")),
        "exclude_keywords": tuple(dict.fromkeys(word[1:] for word in plain if word[0] == "-")),
    }


def _one_of(value: Any, name: str, choices: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise wrong_member(name, f"It is one of: {', '.join(choices)}.")
    return value


def _number(value: Any, name: str, lowest: int, highest: int) -> int | None:
    if value is None:
        return None
    # JSON has one kind of number: 7.0 is a whole one.
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole or not lowest <= value <= highest:
        raise wrong_member(name, f"It is a whole number from {lowest} to {highest}, or null.")
    return int(value)


def _timezone(value: Any, name: str) -> Mapping[str, str | None]:
    if value is not None and not (isinstance(value, str) and is_zone(value)):
        raise wrong_member(name, "It is the IANA name of a time zone, as Europe/Paris, or null.")
    return {name: value}


def wrong_member(name: str, detail: str) -> Problem:
    """The 422 for a member that cannot be used."""
    return Problem(422, detail, member=name[:40])
