"""Tokens of programs: who may use the API for programs, and how often they may ask."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from starlette.requests import Request

from digest.web.forms import is_cross_site
from digest.web.problems import Problem
from digest.web.visitors import WINDOW, PostRateLimit, Visitors

MOST_REFUSED = 20
"""Wrong tokens of one network in a minute that are answered as such."""
MOST_REQUESTS = 600
"""Requests with one token in a minute."""
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="digest"'}
_WAIT = {"Retry-After": str(int(WINDOW))}


class ApiTokens:
    """The tokens of one site. Belongs to its event loop."""

    def __init__(self, tokens: Sequence[str], visitors: Visitors) -> None:
        self._digests = [_digest(token) for token in tokens]
        self._visitors = visitors
        self._refused = PostRateLimit(MOST_REFUSED)
        self._requests = PostRateLimit(MOST_REQUESTS)

    def admit(self, request: Request) -> int:
        """The place of the request's token among the tokens, from 1.

        Raises a `Problem`: 401 without a token or with a wrong one, 403 for a page of another site
        that a browser shows, 429 for too many of either kind. Guessing wears out nobody's patience
        but the guesser's: a right token is let in however many wrong ones its network has sent.
        """
        if is_cross_site(request):
            raise Problem(403, "A browser sent this from another site's page, which may not.")
        place = self._place(request)
        if not place:
            network = self._visitors.network(request) or "this machine"
            if not self._refused.allows(network):
                raise Problem(429, "Too many wrong tokens.", headers=_WAIT)
            raise Problem(401, headers=_CHALLENGE)
        if not self._requests.allows(str(place)):
            raise Problem(429, headers=_WAIT)
        return place

    def _place(self, request: Request) -> int:
        """The place of the token, compared in constant time with each; 0 if it is none of them."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        given = _digest(token.strip() if scheme.lower() == "bearer" else "")
        place = 0
        for number, known in enumerate(self._digests, start=1):
            place = number if hmac.compare_digest(given, known) else place
        return place


def _digest(token: str) -> bytes:
    """Hash a token, so that its length does not show in the time of a comparison, either."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
