"""A name server on loopback: answers from lines of a zone file, or behaves badly in a named way."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zonefile

ROOT = ". IN NS a.root.test.\n"
"""What a server says that sees the public DNS."""


class NameServer:
    """A server on 127.0.0.1 for as long as its ``with`` block lasts. ``zone`` may be changed."""

    def __init__(
        self,
        zone: str = ROOT,
        *,
        rcode: dns.rcode.Rcode | None = None,
        silent: bool = False,
        delay: float = 0.0,
    ) -> None:
        self.records: dict[tuple[str, str], dns.rrset.RRset] = {}
        self.rcode, self.silent, self.delay = rcode, silent, delay
        self.questions: list[tuple[str, str]] = []
        self.publish(zone)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def publish(self, zone: str) -> None:
        """Add lines of a zone file."""
        for rrset in dns.zonefile.read_rrsets(zone, rdclass=None, default_ttl=60):
            key = (rrset.name.to_text().lower(), dns.rdatatype.to_text(rrset.rdtype))
            self.records.setdefault(key, dns.rrset.RRset(rrset.name, rrset.rdclass, rrset.rdtype))
            for rdata in rrset:
                self.records[key].add(rdata)

    def publish_octets(self, name: str, *texts: list[bytes]) -> None:
        """Set the TXT records of a name, each a list of strings, to octets of any kind."""
        absolute = dns.name.from_text(name)
        rrset = dns.rrset.RRset(absolute, dns.rdataclass.IN, dns.rdatatype.TXT)
        for strings in texts:
            wire = b"".join(bytes([len(one)]) + one for one in strings)
            rrset.add(dns.rdata.from_wire(dns.rdataclass.IN, dns.rdatatype.TXT, wire, 0, len(wire)))
        self.records.pop((absolute.to_text().lower(), "TXT"), None)
        if rrset:
            self.records[absolute.to_text().lower(), "TXT"] = rrset

    def __enter__(self) -> NameServer:
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.sendto(b"stop", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            packet, who = self._socket.recvfrom(4096)
            if packet == b"stop":
                return
            if self.silent:
                continue
            time.sleep(self.delay)
            self._socket.sendto(self._reply(dns.message.from_wire(packet)).to_wire(), who)

    def _reply(self, query: dns.message.Message) -> dns.message.Message:
        reply = dns.message.make_response(query, our_payload=1232)
        reply.flags |= dns.flags.RA
        (question,) = query.question
        name, kind = question.name.to_text().lower(), dns.rdatatype.to_text(question.rdtype)
        self.questions.append((name, kind))
        if self.rcode is not None:
            reply.set_rcode(self.rcode)
        elif (name, kind) in self.records:
            reply.answer.append(self.records[name, kind])
        elif not any(known == name for known, _ in self.records):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply
