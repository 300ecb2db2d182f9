"""Send a single mail outside any outbox: the relay's reply is all that is kept of it."""

from __future__ import annotations

from digest.delivery.envelope import OutgoingMail
from digest.delivery.ports import Transport
from digest.delivery.retry import Reply, SmtpStage


def send_one(transport: Transport, mail: OutgoingMail) -> Reply:
    """Send that mail in a session of its own and return the reply. Raises `digest.delivery.smtp.NoSessionError`."""
    session, client = transport.open(), _SingleMail()
    try:
        session.deliver(mail, client)
    finally:
        transport.closed(session)
    return client.reply


class _SingleMail:
    """Client of a session that has one mail."""

    def __init__(self) -> None:
        self.reply = Reply(SmtpStage.MAIL, text="the relay said nothing of it")

    def next_mail(self) -> OutgoingMail | None:
        return None

    def begin_body(self, mail: OutgoingMail) -> bool:
        return True

    def record_reply(self, mail: OutgoingMail, reply: Reply) -> None:
        self.reply = reply

    def hand_back(self, mail: OutgoingMail) -> None:
        """Keep `reply`: it says already that the mail was not sent."""
