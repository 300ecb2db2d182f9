"""The cookie of a device on which a reader has voted: from then on their links vote by themselves.

It is set by a vote that was cast with a button, and by nothing else; a mail scanner that opens
every link never has it. It says who may vote, not who reads: no page but the votes' looks at it.
``SameSite=Lax`` (RFC 6265bis §5.6.7): ``Strict`` would keep it back when a link is followed from
webmail, which is where it is needed; with ``Lax`` it goes along when a link is followed and never
with a form of another site.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from digest.mail.tokens import read_token, sign_token
from digest.web.site import Site

LASTS = 180 * 86_400
"""Seconds that a device is known for after its last vote with a button."""
_PURPOSE = "device"


@dataclass(frozen=True, slots=True)
class DeviceCookie:
    """The cookie of one site. By its name browsers bind it to the host that set it, where they can."""

    site: Site

    @property
    def name(self) -> str:
        """The name; ``__Host-`` asks for https and the whole host (RFC 6265bis §4.1.3.2)."""
        bound = self.site.encrypted and not self.site.root_path
        return "__Host-votes" if bound else "votes"

    def read(self, request: Request) -> int | None:
        """The subscriber whose votes come from that device; ``None`` for an unknown one."""
        value = request.cookies.get(self.name)
        return None if value is None else read_token(_PURPOSE, value, self.site.keys)

    def set(self, response: Response, subscriber_id: int) -> None:
        """Let the device be known as that subscriber's."""
        response.set_cookie(
            self.name,
            sign_token(_PURPOSE, subscriber_id, self.site.keys),
            max_age=LASTS,
            path=self.site.root_path or "/",
            secure=self.site.encrypted,
            httponly=True,
            samesite="lax",
        )

    def clear(self, response: Response) -> None:
        """Let the device be forgotten."""
        response.delete_cookie(
            self.name,
            path=self.site.root_path or "/",
            secure=self.site.encrypted,
            httponly=True,
            samesite="lax",
        )
