"""Show how a preview arrived, where this machine can read the mailbox that it went to."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest.errors import DigestError

if TYPE_CHECKING:
    from digest.bounces.mailboxes import Mailbox
    from digest.delivery.envelope import OutgoingMail
    from digest.wiring.application import Application

WAIT = 15.0
"""Seconds that a preview is waited for in a mailbox; relays hand on within a few, or much later."""
_PAUSE = 0.5
_UNSEEN = (
    "how it arrives cannot be seen from here: look at Authentication-Results in its source there, "
    "or name its Maildir or mbox file: --mailbox PATH"
)


@dataclass(frozen=True, slots=True)
class PreviewArrival:
    """The head of a mail as its receiver has it; ``words`` say why not, where it cannot be seen."""

    words: str
    fields: tuple[tuple[str, str], ...] = ()
    arrived: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """Lines for people, below that of the relay."""
        return (f"  {self.words}", *(f"    {name}: {value}" for name, value in self.fields))

    def as_dict(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "arrived": self.arrived,
            "words": self.words,
            "headers": [[name, value] for name, value in self.fields],
        }


@dataclass(slots=True)
class PreviewArrivals:
    """Looks for previews in ``mailbox``, else in the bounce mailbox where they went to its address."""

    app: Application
    mailbox: Path | None
    sent_at: float
    wait: float = WAIT

    def look(self, mail: OutgoingMail) -> PreviewArrival:
        """Wait a little for the mail, and tell with which head it arrived."""
        try:
            place = self._place(mail.recipient)
            if place is None:
                return PreviewArrival(_UNSEEN)
            return self._arrival(place, mail)
        except DigestError as error:
            return PreviewArrival(f"how it arrived cannot be seen: {error}")

    def _place(self, recipient: str) -> Path | Mailbox | None:
        if self.mailbox is not None:
            return self.mailbox.expanduser()
        from digest.wiring.bounces import mailboxes, requests_address

        settings = self.app.settings
        if recipient.lower() != requests_address(settings).lower():
            return None
        if settings.bounce_maildir is not None:
            return settings.bounce_maildir
        return next(iter(mailboxes(settings)), None)

    def _arrival(self, place: Path | Mailbox, mail: OutgoingMail) -> PreviewArrival:
        from digest.bounces.arrivals import trace_of

        message_id = _message_id(mail.content)
        name = str(place) if isinstance(place, Path) else place.name
        until = time.monotonic() + self.wait
        while (fields := trace_of(place, message_id, since=self.sent_at)) is None:
            if time.monotonic() >= until:
                return PreviewArrival(
                    f"not in {name} after {self.wait:.0f} s: it may still come, lie in another "
                    "folder, or have been refused since: a bounce would say so"
                )
            time.sleep(_PAUSE)
        if not fields:
            return PreviewArrival(
                f"arrived in {name}; its server wrote no Received or Authentication-Results",
                arrived=True,
            )
        return PreviewArrival(f"arrived in {name}, with this head:", tuple(fields), arrived=True)


def _message_id(content: bytes) -> str:
    """The Message-ID that the mail was sent with."""
    head = content.partition(b"\r\n\r\n")[0]
    line = next(each for each in head.split(b"\r\n") if each.lower().startswith(b"message-id:"))
    return line.partition(b":")[2].strip().decode("ascii")
