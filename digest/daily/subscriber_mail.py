"""One reader's mail of an edition: what is chosen for them, and the links that are theirs."""

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

_ANYBODYS = Preferences()


def selector(
    published: PublishedEdition, desk: EditorialSettings
) -> Callable[[Preferences], Selection | None]:
    """What a reader with given preferences gets of an edition; like wishes are judged once.

    Readers with like wishes get the very same `Selection`, so that their mail is drawn up once.
    """

    @cache
    def index() -> Mentions:
        return selection.indexed(published.edition)

    @lru_cache(maxsize=4096)
    def selected(wishes: Preferences) -> Selection | None:
        known = index() if wishes.narrows else None
        return selection.select_for(published.edition, wishes, caps=desk.caps, index=known)

    def select(preferences: Preferences) -> Selection | None:
        if not preferences.narrows:
            return selected(_ANYBODYS)
        # When and how a mail is wanted does not change what is in it.
        wishes = replace(
            preferences,
            hour=None,
            timezone=None,
            paused_until=None,
            frequency=Preferences().frequency,
            format=Preferences().format,
        )
        return selected(wishes)

    return select


def mail_recipient(
    subscriber: Subscriber, letterhead: ListIdentity, keys: Sequence[str]
) -> Recipient:
    """The personal side of a mail: address, and the links only this reader has."""
    return Recipient.of(
        letterhead,
        subscriber.email,
        subscriber.id,
        unsubscribe_token=sign_token("unsubscribe", subscriber.id, keys),
        preferences_token=sign_token("preferences", subscriber.id, keys),
        format=subscriber.preferences.format,
    )
