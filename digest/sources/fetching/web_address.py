"""Check which web addresses may be fetched, and show one without its secrets."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit, urlunsplit

from digest.errors import SourceError
from digest.sources.fetching import addresses

_LONGEST_TARGET = 4_000


def is_loopback(url: str) -> bool:
    """Tell whether an address leads to this very machine, where nobody listens in."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return addresses.is_loopback(host)


def shown(url: str) -> str:
    """The address without a user's name, password or query, which may be secret."""
    parts = urlsplit(url)
    host = parts.netloc.rsplit("@", 1)[-1]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def check_address(url: str) -> None:
    """Refuse what is not https, or http to this machine.

    Raises `SourceError`.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise SourceError(
            "not a web address", where=url[:200], mend="Write https://host/path"
        ) from None
    if not host:
        raise SourceError(
            "an address without a host", where=shown(url), mend="Write https://host/path"
        )
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url)):
        return
    raise SourceError(
        f"{parts.scheme}:// is not fetched, anyone on the way could change the page",
        where=shown(url),
        mend="Use https://",
    )


def redirect_target(url: str, location: str, *, where: str) -> str:
    """The address that a redirect from ``url`` leads to.

    Raises `SourceError` if it is not to be followed.
    """
    try:
        target = urljoin(url, location)
        given, current, following = urlsplit(location), urlsplit(url), urlsplit(target)
    except ValueError:
        raise _refused("to what is no web address", where) from None
    if len(target) > _LONGEST_TARGET:
        raise _refused(f"to an address of {len(target):,} characters", where)
    if following.scheme == "http" and current.scheme == "https":
        raise _refused("to http://", where)
    if "@" in given.netloc:
        raise _refused("to an address with a user's name in it", where)
    return target


def _refused(how: str, where: str) -> SourceError:
    return SourceError(
        f"redirects {how}, which is not followed",
        where=where,
        mend="Use an address that stays on https://",
    )
