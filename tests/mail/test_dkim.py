"""Signatures, judged by an independent verifier."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from fixtures.dkim import pem, verifies
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import ConfigurationError
from digest.mail.dkim import (
    Signer,
    add_signatures,
    read_signer,
    relaxed_body,
)

RSA = Signer("list.test", "r2026", pem(rsa.generate_private_key(65537, 2048)))
ED25519 = Signer("list.test", "e2026", pem(ed25519.Ed25519PrivateKey.generate()))
ZONE = dict(signer.public_record() for signer in (RSA, ED25519))
verified = partial(verifies, zone=ZONE)

MESSAGE = (
    b"From: Papers <list@list.test>\r\nTo: =?utf-8?q?J=C3=B6rg?= <joerg@example.test>\r\n"
    b"Subject: FlashThing,\r\n and 41 more\r\nDate: Fri, 20 Nov 2026 08:00:00 +0000\r\n"
    b"Message-ID: <1.2@list.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n"
    b"List-Id: <papers.list.test>\r\n"
    b"List-Unsubscribe: <https://list.test/unsubscribe/" + b"x" * 300 + b">\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\n"
    b"Hello,  reader \t \r\n\r\n.dots\r\nend\r\n\r\n\r\n"
)


@pytest.mark.parametrize("signer", [RSA, ED25519], ids=["rsa", "ed25519"])
def test_a_signed_mail_verifies(signer: Signer) -> None:
    assert verified(add_signatures(MESSAGE, [signer]))


def test_two_signatures_verify_both() -> None:
    message = add_signatures(MESSAGE, [RSA, ED25519])
    assert verified(message, 0)
    assert verified(message, 1)
    assert message.endswith(MESSAGE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"FlashThing", b"FlushThing"),
        (b"One-Click", b"Two-Click"),
        (b"x" * 300, b"x" * 299),
        (b"Hello", b"hello"),
        (b"From: Papers", b"From: someone@else.test\r\nFrom: Papers"),
    ],
)
def test_a_changed_mail_does_not(old: bytes, new: bytes) -> None:
    assert not verified(add_signatures(MESSAGE, [ED25519]).replace(old, new))


NOBODY_MAY_ADD = (
    "From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "Sender", "In-Reply-To",
    "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    "Content-Disposition", "Auto-Submitted", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
    "List-Help", "List-Subscribe", "List-Post", "List-Owner", "List-Archive",
)  # fmt: skip


@pytest.mark.parametrize("signer", [RSA, ED25519], ids=["rsa", "ed25519"])
@pytest.mark.parametrize("name", NOBODY_MAY_ADD)
def test_nobody_can_add_a_header_that_readers_go_by(name: str, signer: Signer) -> None:
    """Also not one that the mail does not have at all, nor a copy of one that it has."""
    message = add_signatures(MESSAGE, [signer])
    head, _, body = message.partition(b"\r\n\r\n")
    assert verified(message)
    added = f"{name}: <https://evil.test/>, evil@evil.test".encode()
    has = re.search(rb"(?im)^%s:.*(?:\r\n[ \t].*)*$" % name.encode(), head)
    for field in (added, has.group().rstrip(b"\r") if has else added):
        assert not verified(field + b"\r\n" + message), field
        assert not verified(head + b"\r\n" + field + b"\r\n\r\n" + body), field


def test_what_relays_add_on_the_way_does_no_harm() -> None:
    message = add_signatures(MESSAGE, [RSA, ED25519])
    trace = (
        b"Return-Path: <b@list.test>\r\nReceived: from a by b\r\nAuthentication-Results: x; none\r\n"
        b"Delivered-To: joerg@example.test\r\nX-Spam-Status: No\r\nFeedback-ID: 1:relay\r\n"
    )
    assert verified(trace + message, 0)
    assert verified(trace + message, 1)


def test_what_a_relay_may_change_does_no_harm() -> None:
    message = add_signatures(MESSAGE, [RSA])
    assert verified(message.replace(b"Hello,  reader \t \r\n", b"Hello, reader\r\n"))
    assert verified(message.replace(b"Subject: FlashThing,\r\n and", b"subject:  FlashThing, and"))


def test_signing_again_gives_the_same_bytes() -> None:
    assert RSA.signature(MESSAGE) == RSA.signature(MESSAGE)


def test_lines_stay_short() -> None:
    assert max(map(len, RSA.signature(MESSAGE).split(b"\r\n"))) <= 78


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"a", b".", b"  b", b"\xc3\xa9", b"="])))
def test_any_body_is_canonicalised_like_the_verifier_does(pieces: list[bytes]) -> None:
    body = b"".join([*pieces, b"\r\n"])
    assert relaxed_body(body) == dkim.canonicalization.Relaxed.canonicalize_body(body)
    assert verified(add_signatures(b"From: a@list.test\r\n\r\n" + body, [ED25519]))


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=60))
def test_any_header_text_verifies(name: str) -> None:
    head = b"From: <a@list.test>\r\nSubject: x " + name.encode() + b"\r\n\r\nbody\r\n"
    assert verified(add_signatures(head, [ED25519]))


def test_keys_that_will_not_do(tmp_path: Path) -> None:
    weak = pem(rsa.generate_private_key(65537, 1024))
    for key in (b"no key", weak, pem(ec.generate_private_key(ec.SECP256R1()))):
        with pytest.raises(ConfigurationError, match="DKIM key"):
            Signer("list.test", "s", key)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_signer("list.test", "s", tmp_path / "none.pem")


def test_a_key_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(pem(ed25519.Ed25519PrivateKey.generate()))
    name, text = read_signer("list.test", "s", path).public_record()
    assert name == "s._domainkey.list.test"
    assert text.startswith("v=DKIM1; k=ed25519; p=")
