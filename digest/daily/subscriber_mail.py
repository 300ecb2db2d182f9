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
        return selected(content_preferences(preferences))

    return select


def content_preferences(preferences: Preferences) -> Preferences:
    """The part of preferences that decides what is in a mail, not when and how it is wanted."""
    return replace(
        preferences,
        hour=None,
        timezone=None,
        paused_until=None,
        frequency=_DEFAULT_PREFERENCES.frequency,
        format=_DEFAULT_PREFERENCES.format,
    )


def mail_recipient(
    subscriber: Subscriber, identity: ListIdentity, keys: Sequence[str], *, votes: bool = True
) -> Recipient:
    """Make the personal part of a mail: address, and the links only this subscriber has.

    Without ``votes`` the mail has no links to vote by (`digest.mail.message.Composer.has_votes`).
    """
    recipient = Recipient.of(
        identity,
        subscriber.email,
        subscriber.id,
        unsubscribe_token=sign_token("unsubscribe", subscriber.id, keys),
        preferences_token=sign_token("preferences", subscriber.id, keys),
        format=subscriber.preferences.format,
    )
    if not votes:
        return recipient
    recipient = replace(
        recipient, votes_url=identity.votes_url(sign_token("vote", subscriber.id, keys))
    )
    if not identity.has_reading_lists:
        return recipient
    reading_url = identity.reading_list_url(sign_token("reading", subscriber.id, keys))
    return replace(recipient, reading_url=reading_url)
