"""Alert of the operator by one mail when something needs a person: nobody looks at a status
that was always fine.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digest.delivery.envelope import OutgoingMail
from digest.delivery.ports import Transport
from digest.delivery.send_one import send_one
from digest.errors import DigestError
from digest.mail.dkim import (
    Signer,
    add_signatures,
)
from digest.mail.list_identity import ListIdentity
from digest.mail.message import service_message
from digest.mail.render import ServiceMailContent
from digest.mail.templates import ServiceTemplate
from digest.model import EditionHold
from digest.store import Store

log = logging.getLogger(__name__)

REMEDY = (
    "Find the cause and fix it. Then resume sending with: digest resume. Mails that wait are "
    "kept as long as their edition may be sent; digest status shows them."
)
STOPPED_REMEDY = (
    "Find out what is wrong with it. digest withdraw NUMBER takes one paper out; digest release "
    "{day} sends the edition as it then is; digest discard {day} gives its papers to the next "
    "edition. If you do nothing, it is sent to nobody."
)


class AlertRenderer(Protocol):
    """Renderer of service mails: `digest.mail.render.Renderer`."""

    def service(
        self, kind: ServiceTemplate, identity: ListIdentity, /, **values: str
    ) -> ServiceMailContent:
        """Render the mail of that kind."""
        ...


@dataclass(frozen=True, slots=True)
class PauseAlert:
    """Alert to ``operator`` of a pause or a held reading, and what its mail is made with.

    It leaves through the same relay and from the same envelope sender as every other mail: the
    relay may be what refuses us, and then this mail fails like the rest. The pause shows in the
    status, in the log and in the exit code all the same.
    """

    operator: str
    transport: Transport
    renderer: AlertRenderer
    list_identity: ListIdentity
    envelope_sender: str
    signers: Sequence[Signer] = ()

    def send(self, store: Store, now: datetime) -> None:
        """Tell the operator why sending is paused, unless somebody was told of this pause.

        Once for each pause, also where several machines run into it at the same time. A mail that
        cannot be sent is logged, and not tried again: the next one would meet the same relay.
        """
        with store.begin() as unit:
            reason = unit.runs.paused()
            if reason is None or not unit.runs.claim_pause_alert(now):
                return
        content = self.renderer.service(
            ServiceTemplate.ALERT, self.list_identity, reason=reason, remedy=REMEDY
        )
        self._tell("that sending is paused", self._mail(content, now))

    def tell_stopped(self, hold: EditionHold, now: datetime) -> None:
        """Tell the operator that somebody stopped an edition. Only who claimed the news calls this."""
        content = self.renderer.service(
            ServiceTemplate.STOPPED,
            self.list_identity,
            edition=f"The {hold.name}",
            reason=f"It was stopped {hold.reason}, at {hold.changed_at:%H:%M} UTC.",
            remedy=STOPPED_REMEDY.format(day=hold.day),
        )
        self._tell(f"that the {hold.name} is stopped", self._mail(content, now))

    def tell_held(self, reason: str, remedy: str, now: datetime) -> bool:
        """Tell the operator of readings that are held; false if it did not work, which is logged."""
        content = self.renderer.service(
            ServiceTemplate.HELD, self.list_identity, reason=reason, remedy=remedy
        )
        return self._tell("that readings are held", self._mail(content, now))

    def tell_sources(self, reason: str, remedy: str, now: datetime) -> bool:
        """Tell the operator of sources that are not as usual; false if it did not work."""
        content = self.renderer.service(
            ServiceTemplate.SOURCES, self.list_identity, reason=reason, remedy=remedy
        )
        return self._tell("that a source needs attention", self._mail(content, now))

    def tell_waiting(self, reason: str, remedy: str, now: datetime) -> bool:
        """Tell the operator of people who wait for approval; false if it did not work."""
        content = self.renderer.service(
            ServiceTemplate.APPROVALS, self.list_identity, reason=reason, remedy=remedy
        )
        return self._tell("that people wait for approval", self._mail(content, now))

    def _tell(self, news: str, mail: OutgoingMail) -> bool:
        try:
            reply = send_one(self.transport, mail)
        except DigestError as error:
            log.error("the operator could not be told %s: %s", news, error.what)
            return False
        if reply.accepted:
            log.info("the operator was told %s", news)
            return True
        log.error(
            "the operator could not be told %s: the relay answered %s at %s",
            news,
            " ".join(str(part) for part in (reply.code, reply.status) if part) or "nothing",
            reply.stage,
        )
        return False

    def _mail(self, content: ServiceMailContent, now: datetime) -> OutgoingMail:
        key = f"{content.kind} {now.isoformat()}"
        message = service_message(content, self.list_identity, self.operator, at=now, key=key)
        return OutgoingMail(
            0, self.envelope_sender, self.operator, add_signatures(message, self.signers)
        )
