"""One mail by itself, outside any outbox: what the relay said is all that is kept of it."""

from __future__ import annotations

from digest.delivery.crew import Transport
from digest.delivery.retry import Place, Reply
from digest.delivery.session import Mail


def send_one(transport: Transport, mail: Mail) -> Reply:
    """Send that mail in a session of its own. Raises `digest.delivery.smtp.NoSessionError`."""
    session, courier = transport.open(), _Messenger()
    try:
        session.deliver(mail, courier)
    finally:
        transport.closed(session)
    return courier.reply


class _Messenger:
    """A session's courier that carries one mail."""

    def __init__(self) -> None:
        self.reply = Reply(Place.MAIL, text="the relay said nothing of it")

    def take(self) -> Mail | None:
        return None

    def begin(self, mail: Mail) -> bool:
        return True

    def settle(self, mail: Mail, reply: Reply) -> None:
        self.reply = reply

    def give_back(self, mail: Mail) -> None:
        """It was not sent; `reply` says so already."""
