"""Mail of an edition to one subscriber: the papers chosen for them, and their own links."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, lru_cache

from digest.daily.run_record import EditorialSettings
from digest.editorial import selection
from digest.editorial.keywords import Mentions
from digest.mail.list_identity import ListIdentity
from digest.mail.message import Recipient
from digest.mail.tokens import sign_token
from digest.model import Preferences, PublishedEdition, Selection, Subscriber

_DEFAULT_PREFERENCES = Preferences()


def selector(
    published: PublishedEdition, editorial: EditorialSettings
) -> Callable[[Preferences], Selection | None]:
    """Make the function that chooses a subscriber's papers of an edition by their preferences.

    Subscribers with equal preferences get the very same `Selection`, so that their mail is composed once.
    """

    @cache
    def index() -> Mentions:
        return selection.indexed(published.edition)

    @lru_cache(maxsize=4096)
    def selected(preferences: Preferences) -> Selection | None:
        mentions = index() if preferences.narrows else None
        return selection.select_for(
            published.edition, preferences, caps=editorial.caps, index=mentions
        )

    def select(preferences: Preferences) -> Selection | None:
        if not preferences.narrows:
            return selected(_DEFAULT_PREFERENCES)
        # When and how a mail is wanted does not change what is in it.
        content_preferences = replace(
            preferences,
            hour=None,
            timezone=None,
            paused_until=None,
            frequency=Preferences().frequency,
            format=Preferences().format,
        )
        return selected(content_preferences)

    return select


def mail_recipient(
    subscriber: Subscriber, identity: ListIdentity, keys: Sequence[str]
) -> Recipient:
    """Make the personal part of a mail: address, and the links only this subscriber has."""
    return Recipient.of(
        identity,
        subscriber.email,
        subscriber.id,
        unsubscribe_token=sign_token("unsubscribe", subscriber.id, keys),
        preferences_token=sign_token("preferences", subscriber.id, keys),
        format=subscriber.preferences.format,
    )
