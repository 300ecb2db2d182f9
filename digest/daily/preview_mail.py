"""Preview mails: an edition's mail to a few of the operator's own addresses, outside any outbox.

They are composed, signed and sent by the code that delivers editions, and count as no delivery. They
are of no subscriber: their links to leave and to choose open nothing of anybody's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from digest.daily.preview import PREVIEW_KEYS
from digest.daily.subscriber_mail import mail_recipient
from digest.delivery.envelope import OutgoingMail
from digest.delivery.ports import Transport
from digest.delivery.retry import Reply, SmtpStage
from digest.delivery.send_one import send_one
from digest.errors import RelayUnavailableError
from digest.mail.dkim import Signer, add_signatures
from digest.mail.list_identity import ListIdentity, wire_address
from digest.mail.message import Composer, PreviewNote
from digest.model import (
    DeliveryState,
    Preferences,
    PublishedEdition,
    Selection,
    Subscriber,
    SubscriberState,
)

_NOT_TRIED = "not tried: the relay is out of reach"


class NoteRenderer(Protocol):
    """Renderer of the note above a preview: `digest.mail.render.Renderer`."""

    def preview_note(self, words: str, *, stop_url: str = "") -> Mapping[str, str]:
        """Render the note, as HTML and as text."""
        ...


@dataclass(frozen=True, slots=True)
class PreviewSettings:
    """The parts that preview mails are made with and leave by: those of a delivery."""

    transport: Transport
    renderer: NoteRenderer
    list_identity: ListIdentity
    envelope_sender: str
    signers: Sequence[Signer] = ()

    def mail(self, address: str, content: bytes) -> OutgoingMail:
        """Put a mail's content into its envelope. Raises `SubscriberError` for what is no address."""
        return OutgoingMail(0, self.envelope_sender, wire_address(address), content)


@dataclass(frozen=True, slots=True)
class SentPreview:
    """The outcome of one preview mail. ``reply`` is the relay's, without addresses."""

    address: str
    state: DeliveryState
    reply: str

    @property
    def ok(self) -> bool:
        """True if the relay took it."""
        return self.state is DeliveryState.ACCEPTED

    @property
    def summary(self) -> str:
        """One line for people."""
        return f"{self.address}: {_IN_WORDS[self.state]}: {self.reply}"


_IN_WORDS = {
    DeliveryState.ACCEPTED: "taken by the relay",
    DeliveryState.REJECTED: "refused by the relay",
    DeliveryState.DEFERRED: "could not be sent now; try again later",
    DeliveryState.UNKNOWN: "in doubt: it may or may not arrive",
}


def compose_preview_mail(
    published: PublishedEdition,
    selection: Selection,
    settings: PreviewSettings,
    address: str,
    note: PreviewNote,
    preferences: Preferences | None = None,
) -> bytes:
    """Compose the signed mail of an edition that shows ``selection``, as a preview to that address.

    ``preferences`` are of whom it is previewed for: they say whether the mail has HTML.
    """
    nobody = Subscriber(0, address, SubscriberState.ACTIVE, preferences or Preferences())
    recipient = mail_recipient(nobody, settings.list_identity, PREVIEW_KEYS)
    composer = Composer(published, settings.list_identity)
    return add_signatures(composer.compose_preview(selection, recipient, note), settings.signers)


def send_previews(
    settings: PreviewSettings, mails: Sequence[OutgoingMail]
) -> tuple[SentPreview, ...]:
    """Send each mail once and tell what the relay said; none more once it is out of reach."""
    sent: list[SentPreview] = []
    out_of_reach = False
    for mail in mails:
        if out_of_reach:
            sent.append(SentPreview(mail.recipient, DeliveryState.DEFERRED, _NOT_TRIED))
            continue
        try:
            reply = send_one(settings.transport, mail)
        except RelayUnavailableError as error:
            out_of_reach = True
            sent.append(SentPreview(mail.recipient, DeliveryState.DEFERRED, str(error)))
        else:
            words = reply.without_address(mail.recipient).summary
            sent.append(SentPreview(mail.recipient, state_after(reply), words))
    return tuple(sent)


def state_after(reply: Reply) -> DeliveryState:
    """Tell the state of a single mail after that reply, which is all that is tried of it."""
    if reply.accepted:
        return DeliveryState.ACCEPTED
    if reply.code is None and reply.stage is SmtpStage.FINAL:
        return DeliveryState.UNKNOWN
    refused = reply.code is not None and reply.code >= 500
    return DeliveryState.REJECTED if refused else DeliveryState.DEFERRED
