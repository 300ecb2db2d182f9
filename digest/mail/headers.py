"""Header fields of every mail: who sends it, to whom, which list it is of, and how to leave."""

from __future__ import annotations

import hashlib

from digest.mail import encoding
from digest.mail.list_identity import ListIdentity, wire_address


def sender_header(list_identity: ListIdentity) -> bytes:
    """``From``: exactly one address, with a name."""
    name = encoding.display_name(list_identity.sender_name)
    separator = "\r\n " if len(name) + len(list_identity.address) > 66 else " "
    return f"From: {name}{separator}<{list_identity.address}>\r\n".encode("ascii")


def to_header(email: str) -> bytes:
    """``To``: exactly one address. A local part beyond ASCII is written in UTF-8 (RFC 6532)."""
    return f"To: <{wire_address(email)}>\r\n".encode()


def list_headers(list_identity: ListIdentity) -> bytes:
    """Headers that are the same in every mail of the list (RFC 2919, RFC 2369), each on one line.

    ``Precedence: bulk`` and Exchange's own header keep absence notices from coming back; both are
    older than ``Auto-Submitted``, which an edition must not carry: a person subscribed to it
    (RFC 3834 §5).
    """
    web = list_identity.web
    lines = [
        f"List-Id: {encoding.display_name(list_identity.list_name)}\r\n <{list_identity.identifier}>\r\n".encode(
            "ascii"
        ),
        encoding.unfolded_header(
            "List-Help", f"<{web}/>" if web else f"<{list_identity.mailto('help')}>"
        ),
        encoding.unfolded_header("List-Owner", f"<mailto:{list_identity.address}>"),
        b"List-Post: NO\r\n",
        b"Precedence: bulk\r\n",
        b"X-Auto-Response-Suppress: OOF, AutoReply\r\n",
    ]
    archive = list_identity.page("editions")
    if archive:
        lines.insert(1, encoding.unfolded_header("List-Archive", f"<{archive}>"))
    return b"".join(lines)


def feedback_header(list_identity: ListIdentity, kind: str, occasion: str = "") -> bytes:
    """``Feedback-ID``, by which Gmail counts complaints: the occasion, the kind of mail, the list.

    Read from the right: the list first, whose identifier stays the same (5 to 15 characters), and
    nothing that names a reader. No two fields have the same words, whose counts would be added up.
    Source: Google, "Feedback Loop" (support.google.com/mail/answer/6254652).
    """
    sender_id = f"list{hashlib.sha256(list_identity.identifier.encode()).hexdigest()[:10]}"
    fields = ":".join(filter(None, (occasion, kind, sender_id)))
    return f"Feedback-ID: {fields}\r\n".encode("ascii")


def unsubscribe_headers(url: str | None, mailto: str) -> bytes:
    """``List-Unsubscribe`` and, for an https address, the one-click promise (RFC 8058 §3.1)."""
    ways = f"<{url}>, <{mailto}>" if url else f"<{mailto}>"
    header = encoding.unfolded_header("List-Unsubscribe", ways)
    if url and url.startswith("https://"):
        header += b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    return header
