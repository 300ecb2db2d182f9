"""One mail by itself, outside any outbox: what the relay said is all that is kept of it."""

from __future__ import annotations

from digest.delivery.retry import Reply, SmtpStage
from digest.delivery.session import OutgoingMail
from digest.delivery.worker_pool import Transport


def send_one(transport: Transport, mail: OutgoingMail) -> Reply:
    """Send that mail in a session of its own. Raises `digest.delivery.smtp.NoSessionError`."""
    session, courier = transport.open(), _SingleMail()
    try:
        session.deliver(mail, courier)
    finally:
        transport.closed(session)
    return courier.reply


class _SingleMail:
    """A session's courier that carries one mail."""

    def __init__(self) -> None:
        self.reply = Reply(SmtpStage.MAIL, text="the relay said nothing of it")

    def take(self) -> OutgoingMail | None:
        return None

    def begin(self, mail: OutgoingMail) -> bool:
        return True

    def settle(self, mail: OutgoingMail, reply: Reply) -> None:
        self.reply = reply

    def give_back(self, mail: OutgoingMail) -> None:
        """It was not sent; `reply` says so already."""
