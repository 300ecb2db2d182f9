"""The door to DNS: short questions to the name servers of this machine, or to one that is named.

dnspython asks, not the system's resolver, which knows no TXT and MX records and cannot be hurried.
"""

from __future__ import annotations

import time
from ipaddress import ip_address

import dns.exception
import dns.name
import dns.rdata
import dns.resolver

from digest.deliverability.dns_answers import DnsAnswer
from digest.errors import ConfigurationError

_PATIENCE = 6.0
_PATIENCE_EACH = 3.0
_PAYLOAD = 1232  # octets of an answer that no network on the way takes apart


class Resolver:
    """Answers questions for a few seconds in all; after that every answer is "unasked".

    ``server`` is an address, also ``ADDRESS:PORT`` or ``[ADDRESS]:PORT``; by default the servers of
    this machine. ``patience`` is in seconds from the first question on. Raises `ConfigurationError`
    for a server that is none.
    """

    def __init__(self, server: str | None = None, *, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._until: float | None = None
        self._known: dict[tuple[str, str], DnsAnswer] = {}
        self._lacking = ""
        self._answered = False
        try:
            self._resolver = dns.resolver.Resolver(configure=server is None)
        except (dns.exception.DNSException, OSError, ValueError):
            self._lacking = "no name server is configured here"
            self._resolver = dns.resolver.Resolver(configure=False)
        if server is not None:
            host, self._resolver.port = _host_and_port(server)
            self._resolver.nameservers = [host]
        self._resolver.use_edns(0, 0, _PAYLOAD)

    def look_up(self, name: str, kind: str) -> DnsAnswer:
        """Look up what is published at that name. Never raises; each question is asked once."""
        known = self._known.get((name, kind))
        if known is None:
            known = self._known[name, kind] = self._asked(name, kind)
            self._answered = self._answered or not known.unanswered
            if not self._answered:
                # Servers that have not answered the first question are not asked a second.
                self._lacking = known.unanswered
        return known

    def _asked(self, name: str, kind: str) -> DnsAnswer:
        if self._until is None:
            self._until = time.monotonic() + self._patience
        left = self._until - time.monotonic()
        if self._lacking or left <= 0:
            return DnsAnswer(unanswered=self._lacking or "the name servers did not answer in time")
        try:
            absolute = dns.name.from_text(name)
            answer = self._resolver.resolve(
                absolute, kind, search=False, lifetime=min(left, _PATIENCE_EACH)
            )
            return DnsAnswer(tuple(sorted(_text(rdata) for rdata in answer)))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return DnsAnswer()
        except dns.exception.Timeout:
            return DnsAnswer(unanswered="the name servers did not answer in time")
        except dns.resolver.NoNameservers:
            return DnsAnswer(unanswered="the name servers refuse or fail")
        except (dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel):
            return DnsAnswer()  # no such name can be published
        except (dns.exception.DNSException, OSError, ValueError) as error:
            return DnsAnswer(unanswered=f"the question failed ({type(error).__name__})")


def _text(rdata: dns.rdata.Rdata) -> str:
    strings = getattr(rdata, "strings", None)
    if strings is not None:
        return b"".join(strings).decode("ascii", "backslashreplace")
    words = rdata.to_text().split(" ")
    return " ".join([*words[:-1], words[-1].rstrip(".")])


def _host_and_port(server: str) -> tuple[str, int]:
    host, colon, port = server.rpartition(":")
    if not colon or (":" in host and not host.startswith("[")):
        host, port = server, "53"
    host = host.removeprefix("[").removesuffix("]")
    try:
        return str(ip_address(host)), _port(port)
    except ValueError as error:
        raise ConfigurationError(
            f"{server[:80]!r} is not the address of a name server",
            mend="For example: 192.0.2.53, or 192.0.2.53:5353",
        ) from error


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 65536:
        raise ValueError(text)
    return port
