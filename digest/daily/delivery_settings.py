"""Settings of delivery: the transport, the envelope, the signatures, and how patient a sender is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from digest.bounces.verp import return_path
from digest.daily.pause_alert import PauseAlert
from digest.daily.posts import PostSettings
from digest.daily.preview_mail import NoteRenderer, PreviewSettings
from digest.delivery.ports import Transport
from digest.delivery.retry import RetryPolicy
from digest.delivery.send_limits import SendLimits
from digest.delivery.warm_up import WarmUp
from digest.mail.dkim import Signer
from digest.mail.list_identity import ListIdentity
from digest.mail.render import Renderer
from digest.mail.tokens import sign_bounce_token
from digest.model import LeasedDelivery, UnknownPolicy


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """Transport of mail, and the terms on which it is sent.

    ``keys`` sign the links of a mail, newest first. ``envelope_sender`` is where bounces go; with
    ``verp`` each mail has its own, which names the delivery. ``signers`` sign every mail with DKIM.
    ``journals`` and ``sender_files`` are folders on a local disk: of the mails in flight, and of the
    senders on this machine, so that a restored database shows. ``warm_up``
    limits the mails of a day, ``pause_alert`` tells the operator when sending pauses or an edition is
    stopped, ``renderer`` writes what stands above a preview. ``posts`` are the chat channels and
    webhooks that editions are posted to, ``None`` without any.
    """

    transport: Transport
    list_identity: ListIdentity
    keys: tuple[str, ...]
    envelope_sender: str
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    limits: SendLimits = field(default_factory=SendLimits)
    unknown_policy: UnknownPolicy = UnknownPolicy.HOLD
    journals: Path | None = None
    sender_files: Path | None = None
    verp: bool = False
    signers: tuple[Signer, ...] = ()
    warm_up: WarmUp | None = None
    pause_alert: PauseAlert | None = None
    renderer: NoteRenderer = field(default_factory=Renderer)
    posts: PostSettings | None = None

    @property
    def preview_settings(self) -> PreviewSettings:
        """The same parts, for previews."""
        return PreviewSettings(
            self.transport,
            self.renderer,
            self.list_identity,
            self.envelope_sender,
            self.signers,
        )

    @property
    def resends(self) -> bool:
        """True if a mail whose outcome was lost is sent once more."""
        return self.unknown_policy is UnknownPolicy.RESEND

    def return_path(self, delivery: LeasedDelivery) -> str:
        """Envelope sender of that delivery's mail."""
        if not self.verp:
            return self.envelope_sender
        return return_path(self.envelope_sender, sign_bounce_token(delivery.id, self.keys))
