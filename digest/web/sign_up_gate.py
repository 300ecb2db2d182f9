"""Gate of sign-ups: the operator's rule, asked by the form and by its JSON alike."""

from __future__ import annotations

from digest import subscriptions
from digest.model import Invitation, SignUpMode
from digest.subscriptions import SignUpRefusal
from digest.web.site import Site
from digest.web.thread_pools import RequestThreads

LOOKUPS = 3
"""Invitations looked up at once."""


class SignUpGate:
    """Ask whether somebody may sign up. No answer depends on whose address it is."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._threads = RequestThreads(LOOKUPS)

    async def invitation(self, token: str) -> Invitation | None:
        """The invitation of a link, where the rule asks for one at all."""
        mode = self._site.sign_up_rule.mode
        if not token or mode not in (SignUpMode.INVITE, SignUpMode.DOMAINS):
            return None
        return await self._threads.run(subscriptions.find_invitation, self._site.store, token)

    def refusal(self, address: str | None, invitation: Invitation | None) -> SignUpRefusal | None:
        """The reason that ``address`` (none yet: anybody) may not sign up; ``None`` if it may."""
        rule, now = self._site.sign_up_rule, self._site.clock()
        return subscriptions.find_refusal(rule, address, invitation, now=now)

    def is_good(self, invitation: Invitation | None) -> bool:
        """True for an invitation by which somebody may come now."""
        return invitation is not None and not invitation.fault(self._site.clock())
