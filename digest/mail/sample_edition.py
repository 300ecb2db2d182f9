"""A tiny invented edition that touches every template, to check an operator's templates with."""

from __future__ import annotations

from datetime import date

from digest.mail.templates import ServiceTemplate
from digest.model import (
    Edition,
    EditionKind,
    Entry,
    Link,
    LinkKind,
    Momentum,
    Section,
    Topic,
    Trend,
)

_TOPIC = Topic("specimens", "Specimens & Samples")


def _entry(paper_id: int, title: str) -> Entry:
    return Entry(
        paper_id=paper_id,
        title=title,
        raw_title=title,
        summary="It exists to be rendered. Nobody has written it.",
        brief="It exists to be rendered.",
        topic=_TOPIC.id,
        topics=(_TOPIC.id,),
        trend=Trend(1.0),
        why="it is the only one",
        votes=7,
        links=(Link(LinkKind.CODE, "https://example.org/code"),),
    )


EDITION = Edition(
    kind=EditionKind.DAILY,
    day=date(2026, 1, 2),
    covers=(date(2026, 1, 2), date(2026, 1, 2)),
    entries=(_entry(1, "Specimen: A Paper"), _entry(2, "Another"), _entry(3, "A Third")),
    picks=(1,),
    sections=(Section(_TOPIC, (1, 2), 2, Momentum("specimens", 2, 1.0, True)),),
    updated=(3,),
    updated_shown=1,
    read=4,
    seen=1,
    phrases=(Momentum("specimen", 2, 0.5, True),),
)
"""One pick, one paper in its section, one updated paper."""

SERVICE_VALUES: dict[ServiceTemplate, dict[str, str]] = {
    ServiceTemplate.CONFIRM: {
        "confirm_url": "https://example.org/confirm/x",
        "decline_url": "https://example.org/decline/x",
    },
    ServiceTemplate.WELCOME: {
        "preferences_url": "https://example.org/preferences/x",
        "unsubscribe_url": "https://example.org/unsubscribe/x",
        "when": "The next edition comes tomorrow at 08:00.",
        "subscriber_name": "Ada",
    },
    ServiceTemplate.GOODBYE: {
        "subscribe_url": "https://example.org/subscribe",
        "sender_address": "papers@example.org",
    },
    ServiceTemplate.LEAVE: {
        "unsubscribe_url": "https://example.org/unsubscribe/x",
        "unsubscribe_mailto": "mailto:papers@example.org?subject=unsubscribe%20x",
    },
    ServiceTemplate.APPROVED: {
        "preferences_url": "https://example.org/preferences/x",
        "unsubscribe_url": "https://example.org/unsubscribe/x",
        "subscriber_name": "Ada",
    },
    ServiceTemplate.DECLINED: {
        "sender_address": "papers@example.org",
        "subscriber_name": "Ada",
    },
    ServiceTemplate.APPROVALS: {
        "reason": "3 people wait for your approval.",
        "remedy": "digest subscribers waiting",
    },
    ServiceTemplate.PAUSED: {
        "until": "Monday, 5 January 2026",
        "preferences_url": "https://example.org/preferences/x",
        "unsubscribe_url": "https://example.org/unsubscribe/x",
    },
    ServiceTemplate.ALERT: {"reason": "554 5.7.1 refused", "remedy": "Ask the relay's operator."},
    ServiceTemplate.STOPPED: {
        "edition": "The daily edition of 2026-01-02",
        "reason": "It was stopped by the link in preview mail 1, at 08:12 UTC.",
        "remedy": "Look at what is wrong with it.",
    },
    ServiceTemplate.HELD: {
        "reason": "page.html: 3 papers, usually about 60.",
        "remedy": "Look at it.",
    },
    ServiceTemplate.SOURCES: {
        "reason": "hf:daily cannot be read since 2026-01-02 08:00 UTC (once): it answers 503.",
        "remedy": "Look at it.",
    },
}
"""Values that each service mail needs."""
