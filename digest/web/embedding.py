"""Embedding of the sign-up form in pages of other sites, where the operator names those.

Two ways, both without a script and without a cookie. A frame shows ``/subscribe?embed``: what is
pressed in it is pressed on our own page, so it is no request of another site. Or a page has a
``<form>`` of its own that posts to ``/subscribe``: then the browser names that page's site in
``Origin``, which no page can forge.

A sign-up acts in nobody's name: no cookie, no login and no token of a subscriber is behind it, so
a forged one gains nothing that its author could not do from their own machine. What is kept from
strange pages is to let their visitors' browsers sign people up from many networks at once, past the
limit that counts for each; hence the list of sites.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from digest.web.security import CSP, POLICY


def is_embedded(request: Request) -> bool:
    """Tell whether the bare form is asked for, which may stand in a frame: ``?embed``."""
    return "embed" in request.query_params


def is_from_embedder(request: Request, embedders: Sequence[str]) -> bool:
    """Tell whether a browser says that a page of one of these sites made it post."""
    origin = urlsplit(request.headers.get("origin", "").lower())
    return any(_is_of(origin.scheme, origin.netloc, embedder) for embedder in embedders)


def _is_of(scheme: str, host: str, embedder: str) -> bool:
    wanted = urlsplit(embedder)
    if scheme != wanted.scheme or not host:
        return False
    if wanted.netloc.startswith("*."):
        return host.endswith(wanted.netloc[1:]) and len(host) >= len(wanted.netloc)
    return host == wanted.netloc


def let_frame(response: Response, embedders: Sequence[str]) -> Response:
    """Let those sites show an answer in a frame; without any it stays as closed as every other."""
    if embedders:
        ancestors = f"frame-ancestors 'self' {' '.join(embedders)}"
        policy = POLICY.replace("frame-ancestors 'none'", ancestors)
        response.headers[CSP] = policy
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
