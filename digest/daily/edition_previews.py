"""Previews of held editions: sent to a few people once, each with a link that stops the edition.

A preview is written down as every mail is: leased, its attempt before the first byte of the body, then
one outcome. Any sender on the store may send it; one that is killed in between leaves it to be sent by
another, or in doubt, and then it is not repeated.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.daily.delivery_settings import DeliverySettings
from digest.daily.preview_mail import compose_preview_mail
from digest.daily.run_record import Clock, EditorialSettings
from digest.daily.subscriber_mail import selector
from digest.delivery.envelope import OutgoingMail
from digest.delivery.retry import Reply, decide_retry
from digest.errors import RelayUnavailableError, error_location
from digest.mail.message import PreviewNote
from digest.mail.plain_text import day_in_words
from digest.mail.tokens import sign_token
from digest.model import (
    DeliveryState,
    EditionHold,
    LeasedPreview,
    Outcome,
    Preferences,
    PublishedEdition,
)
from digest.store import Store

log = logging.getLogger(__name__)

STOP = "stop"
"""Purpose of the token in the link, and the path of its page."""
LEASE_TIME = timedelta(minutes=15)
"""Longer than a relay may take for one mail (RFC 5321 §4.5.3.2)."""


@dataclass(frozen=True, slots=True)
class HeldEdition:
    """A held edition, as a preview shows it."""

    hold: EditionHold
    published: PublishedEdition


class PreviewSender:
    """Sends the previews that are due, of every edition held in a store."""

    def __init__(
        self, store: Store, editorial: EditorialSettings, settings: DeliverySettings, clock: Clock
    ) -> None:
        self._store = store
        self._editorial = editorial
        self._settings = settings
        self._clock = clock

    def send_due(self, stop: threading.Event) -> None:
        """Send what is due, one mail at a time. What fails is logged and decided on its own."""
        now = self._clock()
        with self._store.read() as unit:
            if not unit.holds.previews_wait(now):
                return
        with self._store.begin() as unit:
            unit.edition_previews.recover(now)
            leased = unit.edition_previews.lease(now, ttl=LEASE_TIME)
        try:
            for preview in leased:
                if stop.is_set() or not self._send(preview):
                    break
        finally:
            with self._store.begin() as unit:
                for preview in leased:
                    unit.edition_previews.release(preview)

    def _send(self, preview: LeasedPreview) -> bool:
        """Send one; false if the relay is out of reach, so that the others need not be tried."""
        mail = self._mail(preview)
        if mail is None:
            return True
        attempt = _Attempt(self._store, self._settings, self._clock, preview)
        try:
            session = self._settings.transport.open()
        except RelayUnavailableError as error:
            log.warning("preview %d waits: %s", preview.id, error)
            attempt.put_off(str(error))
            return False
        try:
            session.deliver(mail, attempt)
        finally:
            self._settings.transport.closed(session)
        return True

    def _mail(self, preview: LeasedPreview) -> OutgoingMail | None:
        """Compose a preview; ``None`` where its outcome is recorded without sending it."""
        try:
            with self._store.read() as unit:
                hold = unit.holds.of(preview.edition_id)
                published = unit.editions.by_id(preview.edition_id)
            if hold is None or published is None:
                return None
            selection = selector(published, self._editorial)(Preferences())
            if selection is None:
                raise LookupError("the edition has nothing for anybody")
            settings = self._settings.preview_settings
            content = compose_preview_mail(
                published,
                selection,
                settings,
                preview.email,
                self._note(preview, HeldEdition(hold, published)),
            )
            return settings.mail(preview.email, content)
        except Exception as error:
            # A defect, at a mail that only shows the edition: what follows is decided elsewhere.
            reason = f"could not be composed: {type(error).__name__}"
            log.error("preview %d %s (%s)", preview.id, reason, error_location(error))
            _Attempt(self._store, self._settings, self._clock, preview).put_off(reason)
            return None

    def _note(self, preview: LeasedPreview, held: HeldEdition) -> PreviewNote:
        settings = self._settings
        link = settings.list_identity.page(f"{STOP}/{sign_token(STOP, preview.id, settings.keys)}")
        words = note_words(held.hold, self._editorial, self._clock(), with_link=link is not None)
        fragment = settings.preview_settings.renderer.preview_note(words, stop_url=link or "")
        return PreviewNote(fragment, f"held/{preview.number}")


def note_words(
    hold: EditionHold, editorial: EditorialSettings, now: datetime, *, with_link: bool
) -> str:
    """Say above a preview when the edition goes to everybody, and how to stop it."""
    seen = hold.previews.get(DeliveryState.ACCEPTED, 0)
    ends = hold.until if seen and hold.until is not None else now + hold.span
    moment = ends.astimezone(editorial.zone)
    way = (
        "The link below opens a page that asks once more; opening it changes nothing."
        if with_link
        else f"To stop it, run digest stop {hold.day} where the list runs."
    )
    return (
        f"The {hold.name} is sent to everybody at {moment:%H:%M} on "
        f"{day_in_words(moment.date())} ({editorial.zone.key}), unless somebody stops it before. "
        "Until then only the preview addresses have it, and its page on the web is not public. "
        f"{way} "
        "The links to unsubscribe and to preferences in this mail do not work."
    )


class _Attempt:
    """Client of a session that has one preview."""

    def __init__(
        self, store: Store, settings: DeliverySettings, clock: Clock, preview: LeasedPreview
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._preview = preview

    def put_off(self, reason: str) -> None:
        """Record that it could not be tried now."""
        now = self._clock()
        wait = self._settings.policy.wait(self._preview.attempt)
        self._record(Outcome(0, DeliveryState.DEFERRED, now, reply=reason, next_at=now + wait))

    def _record(self, outcome: Outcome) -> None:
        with self._store.begin() as unit:
            unit.edition_previews.record(self._preview, outcome)

    def next_mail(self) -> OutgoingMail | None:
        """No further mail: they go one by one."""
        return None

    def begin_body(self, mail: OutgoingMail) -> bool:
        """Record the attempt: from the next byte on, the mail may arrive."""
        with self._store.begin() as unit:
            return unit.edition_previews.begin_sending(self._preview)

    def record_reply(self, mail: OutgoingMail, reply: Reply) -> None:
        """Record the relay's reply."""
        now = self._clock()
        decision = decide_retry(
            reply, attempt=self._preview.attempt, now=now, policy=self._settings.policy
        )
        words = "" if reply.accepted else reply.without_address(mail.recipient).summary
        if not reply.accepted:
            log.warning("preview %d %s: %s", self._preview.id, decision.state, words)
        self._record(
            Outcome(
                0,
                decision.state,
                now,
                code=reply.code,
                status=reply.status,
                reply=words,
                next_at=decision.next_at,
            )
        )

    def hand_back(self, mail: OutgoingMail) -> None:
        """Do nothing: a preview of which nothing was sent is released with the rest."""
