"""Octets and time-outs of a session: dot-stuffing, paths in ASCII, waiting by poll or kernel."""

from __future__ import annotations

import io
import re
import socket
import ssl
import struct
import sys

import idna

_BARE_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")


class PolledTimeout:
    """Time-out as Python's sockets keep it: one limit for both ways, and a poll before each call."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._seconds: float | None = None

    def reading(self, seconds: float) -> None:
        if seconds != self._seconds:
            self._sock.settimeout(seconds)
            self._seconds = seconds

    writing = reading


class KernelTimeout:
    """Time-out as the kernel keeps it: a limit for each way, so the usual mail costs two system calls."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._read = self._write = -1.0
        sock.settimeout(None)

    def reading(self, seconds: float) -> None:
        if seconds != self._read:
            self._limit(socket.SO_RCVTIMEO, seconds)
            self._read = seconds

    def writing(self, seconds: float) -> None:
        if seconds != self._write:
            self._limit(socket.SO_SNDTIMEO, seconds)
            self._write = seconds

    def _limit(self, option: int, seconds: float) -> None:
        whole, part = divmod(seconds, 1.0)
        value = struct.pack("@ll", int(whole), int(part * 1_000_000))
        self._sock.setsockopt(socket.SOL_SOCKET, option, value)


def timeout_strategy(sock: socket.socket) -> PolledTimeout | KernelTimeout:
    # OpenSSL's calls go on after the kernel's time-out, so encrypted sockets need Python's.
    if sys.platform == "linux" and not isinstance(sock, ssl.SSLSocket):
        return KernelTimeout(sock)
    return PolledTimeout(sock)


def dot_stuffed(content: bytes) -> bytes:
    """Write the content as it goes on the wire: CRLF only, dots doubled once, the final dot behind it.

    A bare CR or LF would let a subscriber's relay see another message boundary than ours did ("SMTP
    smuggling"), so none leaves (RFC 5321 §2.3.8, §4.5.2).
    """
    if not content.endswith(b"\r\n"):
        content += b"\r\n" if content else b""
    if _line_ends(content) not in (None, "\r\n"):
        content = _BARE_LINE_END.sub(b"\r\n", content)
    # Backwards, because `bytes.rfind` takes a third of the time of `bytes.find` for so few octets.
    if content.startswith(b".") or content.rfind(b"\r\n.") >= 0:
        content = content.replace(b"\r\n.", b"\r\n..")
        content = b"." + content if content.startswith(b".") else content
    return content + b".\r\n"


def _line_ends(content: bytes) -> str | tuple[str, ...] | None:
    """Find all kinds of line ends in there; nothing quicker is known for 40 kB."""
    decoder = io.IncrementalNewlineDecoder(None, translate=False)
    decoder.decode(content.decode("latin-1"), final=True)
    return decoder.newlines


def ascii_path(address: str) -> str | None:
    """Write the address without letters beyond ASCII, where that changes nothing (RFC 5891 §4)."""
    if address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        return None
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError:
        return None
