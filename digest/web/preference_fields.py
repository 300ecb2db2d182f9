"""The fields by which readers shape their digest, to and from their written form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from digest.hours import zone_names
from digest.model import MAX_NAME_LENGTH, Frequency, MailFormat, Preferences, Topic
from digest.subscriptions import read_preferences
from digest.web.forms import PostedForm
from digest.web.site import Site

CONTINENTS = (
    "Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/",
    "Indian/", "Pacific/",
)  # fmt: skip
MAX_KEYWORD_TEXT = 5_000


@cache
def offered_zones() -> tuple[str, ...]:
    """The zones worth offering: those named after a place."""
    named = (zone for zone in zone_names() if zone.startswith(CONTINENTS))
    return ("UTC", *sorted(zone for zone in named if zone.count("/") == 1))


def form_choices(site: Site) -> dict[str, Any]:
    """Choices that the form offers."""
    return {
        "topics": [{"id": topic.id, "name": topic.name} for topic in site.topics],
        "hours": [(str(hour), f"{hour:02d}:00") for hour in range(24)],
        "zones": offered_zones(),
        "list_hour": f"{site.send_at:%H:%M} {site.zone.key}",
    }


def blank_form(site: Site) -> dict[str, Any]:
    """The form before anything was typed."""
    return {"email": "", "name": "", "invite": "", **form_values(Preferences())}


def form_values(preferences: Preferences) -> dict[str, Any]:
    """The form that says those preferences."""
    return {
        "topics": list(preferences.topics),
        "exclude": list(preferences.exclude_topics),
        "keywords": "\n".join(preferences.keywords),
        "unwanted": "\n".join(preferences.exclude_keywords),
        "frequency": str(preferences.frequency),
        "hour": "" if preferences.hour is None else str(preferences.hour),
        "timezone": preferences.timezone or "",
        "max_papers": "" if preferences.max_papers is None else str(preferences.max_papers),
        "format": str(preferences.format),
        "paused_until": ""
        if preferences.paused_until is None
        else preferences.paused_until.isoformat(),
    }


def posted_values(form: PostedForm) -> dict[str, Any]:
    """The form as it came back, to be shown again."""
    return {
        "email": form.one("email")[:254],
        "name": form.one("name")[:MAX_NAME_LENGTH],
        "invite": form.one("invite")[:100],
        "topics": form.fields.get("topics", []),
        "exclude": form.fields.get("exclude", []),
        "keywords": form.one("keywords")[:MAX_KEYWORD_TEXT],
        "unwanted": form.one("unwanted")[:MAX_KEYWORD_TEXT],
        "frequency": form.one("frequency")[:20] or str(Frequency.DAILY),
        "hour": form.one("hour")[:10],
        "timezone": form.one("timezone")[:64],
        "max_papers": form.one("max_papers")[:10],
        "format": form.one("format")[:10] or str(MailFormat.HTML),
        "paused_until": form.one("paused_until")[:20],
    }


def read_preference_fields(form: PostedForm, topics: Sequence[Topic]) -> Preferences:
    """The preferences that a form says.

    Raises `digest.errors.SubscriberError` whose ``where`` is the wrong field.
    """
    return read_preferences(written_preferences(form), topics=topics)


def written_preferences(form: PostedForm) -> Mapping[str, str]:
    """The form in the written form that every door reads.

    Words to leave out get a ``-`` each; a form has a field of its own for them.
    """
    unwanted = [f"-{word.strip()}" for word in form.one("unwanted").splitlines() if word.strip()]
    return {
        "topics": form.joined("topics"),
        "exclude": form.joined("exclude"),
        "keywords": "\n".join([form.joined("keywords", separator="\n"), *unwanted]),
        "frequency": form.one("frequency"),
        "hour": form.one("hour"),
        "timezone": form.one("timezone"),
        "max_papers": form.one("max_papers"),
        "format": form.one("format"),
    }
