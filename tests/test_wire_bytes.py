"""Headers on the wire, octet by octet, for names and addresses that mean harm.

Each mail is composed, signed and sent as every mail is, to a server that keeps the raw bytes. What
must arrive is written out here, so that no Python and no library can change it unseen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from email.header import decode_header, make_header
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from delivery.sending import relay, send
from fakes import MemoryOutbox
from fixtures.dkim import pem, verifies
from mail.sample_editions import PUBLISHED, composer, edition, general_selection
from smtp_server.behaviours import Behaviour, Received
from smtp_server.server import Sink

from digest.errors import ConfigurationError, SubscriberError
from digest.mail.dkim import (
    Signer,
    add_signatures,
)
from digest.mail.list_identity import ListIdentity
from digest.mail.message import Recipient, service_message
from digest.mail.render import Renderer
from digest.mail.templates import ServiceTemplate
from digest.model import LeasedDelivery

PLAIN = ListIdentity(
    "Daily Papers", "Daily Papers <papers@lists.example.org>", "https://papers.example.org"
)
LONG_URL = "https://papers.example.org/" + "a/very-long_path~" * 16 + "x"
TOKEN = "u" * 40
TITLE = "FlashThing: Fast"
READER = "reader1@example.com"


@dataclass(frozen=True)
class Case:
    """A list, a title and a reader, and the header lines that must arrive."""

    head: bytes
    list_identity: ListIdentity = PLAIN
    title: str = TITLE
    reader: str = READER
    subject: str = "“FlashThing: Fast”, CopperCinder2 (tuning rivers) and 6 more · 20 Nov"
    sender: str = "Daily Papers"


CASES = {
    "nothing unusual": Case(
        b"From: Daily Papers <papers@lists.example.org>\r\n"
        b"To: <reader1@example.com>\r\n"
        b"Subject: =?utf-8?q?=E2=80=9CFlashThing=3A_Fast=E2=80=9D=2C_CopperCinder2_?=\r\n"
        b" =?utf-8?q?=28tuning_rivers=29_and_6_more_=C2=B7_20_Nov?=\r\n"
        b"Date: Fri, 20 Nov 2026 07:00:00 +0000\r\n"
        b"Message-ID: <daily.2026-11-20.b2fbd25eb3e1c0945a7d546d@lists.example.org>\r\n"
        b"List-Id: Daily Papers\r\n"
        b" <daily-papers.lists.example.org>\r\n"
        b"List-Archive: <https://papers.example.org/editions>\r\n"
        b"List-Help: <https://papers.example.org/>\r\n"
        b"List-Owner: <mailto:papers@lists.example.org>\r\n"
        b"List-Post: NO\r\n"
        b"Precedence: bulk\r\n"
        b"X-Auto-Response-Suppress: OOF, AutoReply\r\n"
        b"Feedback-ID: daily-2026-11-20:daily:list0a0e17422a\r\n"
        b"List-Unsubscribe: <https://papers.example.org/unsubscribe/"
        b"uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu>, <mailto:papers@lists.example.org"
        b"?subject=unsubscribe%20uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu>\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative; boundary="=_alternative"\r\n'
    ),
    "quotes, backslashes and brackets": Case(
        b'From: "The \\"Daily\\", a\\\\b" <papers@lists.example.org>\r\n'
        b"To: <o'brien+tag=x{|}~!#$%&*@example.com>\r\n"
        b"Subject: =?utf-8?q?CopperCinder2_=28tuning_rivers=29=2C_SaffronEmber3_and_?=\r\n"
        b" =?utf-8?q?6_more_=C2=B7_20_Nov?=\r\n"
        b"Date: Fri, 20 Nov 2026 07:00:00 +0000\r\n"
        b"Message-ID: <daily.2026-11-20.12c613aecc0625dbde990d2d@lists.example.org>\r\n"
        b'List-Id: "Papers, \\"quoted\\" \\\\ <b>@x"\r\n'
        b" <papers-quoted-b-x.lists.example.org>\r\n"
        b"List-Archive: <https://papers.example.org/editions>\r\n"
        b"List-Help: <https://papers.example.org/>\r\n"
        b"List-Owner: <mailto:papers@lists.example.org>\r\n"
        b"List-Post: NO\r\n"
        b"Precedence: bulk\r\n"
        b"X-Auto-Response-Suppress: OOF, AutoReply\r\n"
        b"Feedback-ID: daily-2026-11-20:daily:liste57f68f4c9\r\n"
        b"List-Unsubscribe: <https://papers.example.org/unsubscribe/"
        b"uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu>, <mailto:papers@lists.example.org"
        b"?subject=unsubscribe%20uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu>\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative; boundary="=_alternative"\r\n',
        replace(
            PLAIN,
            list_name='Papers, "quoted" \\ <b>@x',
            sender='"The \\"Daily\\", a\\\\b" <papers@lists.example.org>',
        ),
        '"Quoted", <b>\\x: y',
        "o'brien+tag=x{|}~!#$%&*@example.com",
        "CopperCinder2 (tuning rivers), SaffronEmber3 and 6 more · 20 Nov",
        'The "Daily", a\\b',
    ),
    "other alphabets, in names and domains": Case(
        b"From: =?utf-8?b?SsO2cmcgTcO8bGxlcg==?= <papers@xn--bcher-kva.example>\r\n"
        b"To: <leser@xn--bcher-kva.example>\r\n"
        b"Subject: =?utf-8?b?4oCc4oGo5pel5pys6KqeOiDXqdec15XXneKBqeKAnSwgQ29wcGVy?=\r\n"
        b" =?utf-8?b?Q2luZGVyMiAodHVuaW5nIHJpdmVycykgYW5kIDYgbW9yZSDCtyAyMCBOb3Y=?=\r\n"
        b"Date: Fri, 20 Nov 2026 07:00:00 +0000\r\n"
        b"Message-ID: <daily.2026-11-20.0ab77cd53428cd8b096d2150@xn--bcher-kva.example>\r\n"
        b"List-Id: =?utf-8?b?VMOkZ2xpY2hlIEFyYmVpdGVuIOaXpeacrOiqng==?=\r\n"
        b" <t-gliche-arbeiten.xn--bcher-kva.example>\r\n"
        b"List-Archive: <https://papers.example.org/editions>\r\n"
        b"List-Help: <https://papers.example.org/>\r\n"
        b"List-Owner: <mailto:papers@xn--bcher-kva.example>\r\n"
        b"List-Post: NO\r\n"
        b"Precedence: bulk\r\n"
        b"X-Auto-Response-Suppress: OOF, AutoReply\r\n"
        b"Feedback-ID: daily-2026-11-20:daily:list87aae3659e\r\n"
        b"List-Unsubscribe: <https://papers.example.org/unsubscribe/"
        b"uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu>, <mailto:papers@xn--bcher-kva.example"
        b"?subject=unsubscribe%20uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu>\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative; boundary="=_alternative"\r\n',
        replace(
            PLAIN,
            list_name="Tägliche Arbeiten 日本語",
            sender="Jörg Müller <papers@bücher.example>",
        ),
        "日本語: שלום",
        "leser@BÜCHER.example",
        "“⁨日本語: שלום⁩”, CopperCinder2 (tuning rivers) and 6 more · 20 Nov",
        "Jörg Müller",
    ),
    "names that look encoded already": Case(
        b"From: =?utf-8?b?PT91dGYtOD9xP2V2aWw9MEQ9MEFCY2M6X3g/PQ==?=\r\n"
        b" <papers@lists.example.org>\r\n"
        b"To: <=?utf-8?q?reader?=@example.com>\r\n"
        b"Subject: =?utf-8?b?PT91dGYtOD9iP1pYWnBiQT09Pz0gPT94P3E/eT89LCBDb3BwZXJD?=\r\n"
        b" =?utf-8?b?aW5kZXIyIGFuZCA2IG1vcmUgwrcgMjAgTm92?=\r\n"
        b"Date: Fri, 20 Nov 2026 07:00:00 +0000\r\n"
        b"Message-ID: <daily.2026-11-20.41b71991323d1651c6ebf7d5@lists.example.org>\r\n"
        b"List-Id: =?utf-8?b?PT91dGYtOD9xP25vdF9vdXJzPz0=?=\r\n"
        b" <utf-8-q-not-ours.lists.example.org>\r\n"
        b"List-Archive: <https://papers.example.org/editions>\r\n"
        b"List-Help: <https://papers.example.org/>\r\n"
        b"List-Owner: <mailto:papers@lists.example.org>\r\n"
        b"List-Post: NO\r\n"
        b"Precedence: bulk\r\n"
        b"X-Auto-Response-Suppress: OOF, AutoReply\r\n"
        b"Feedback-ID: daily-2026-11-20:daily:list2d3037cc59\r\n"
        b"List-Unsubscribe: <https://papers.example.org/unsubscribe/"
        b"uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu>, <mailto:papers@lists.example.org"
        b"?subject=unsubscribe%20uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu>\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative; boundary="=_alternative"\r\n',
        replace(
            PLAIN,
            list_name="=?utf-8?q?not_ours?=",
            sender='"=?utf-8?q?evil=0D=0ABcc:_x?=" <papers@lists.example.org>',
        ),
        "=?utf-8?b?ZXZpbA==?= =?x?q?y?=",
        "=?utf-8?q?reader?=@example.com",
        "=?utf-8?b?ZXZpbA==?= =?x?q?y?=, CopperCinder2 and 6 more · 20 Nov",
        "=?utf-8?q?evil=0D=0ABcc:_x?=",
    ),
    "a title with line ends of every kind": Case(
        b"From: Daily Papers <papers@lists.example.org>\r\n"
        b"To: <reader1@example.com>\r\n"
        b"Subject: =?utf-8?q?=E2=80=9CGood_Bcc_a_b_c_d_e_f_g=3A_all=40example=2Ecom_?=\r\n"
        b" =?utf-8?q?body=E2=80=9D_and_7_more_=C2=B7_20_Nov?=\r\n"
        b"Date: Fri, 20 Nov 2026 07:00:00 +0000\r\n"
        b"Message-ID: <daily.2026-11-20.b2fbd25eb3e1c0945a7d546d@lists.example.org>\r\n"
        b"List-Id: Daily Papers\r\n"
        b" <daily-papers.lists.example.org>\r\n"
        b"List-Archive: <https://papers.example.org/editions>\r\n"
        b"List-Help: <https://papers.example.org/>\r\n"
        b"List-Owner: <mailto:papers@lists.example.org>\r\n"
        b"List-Post: NO\r\n"
        b"Precedence: bulk\r\n"
        b"X-Auto-Response-Suppress: OOF, AutoReply\r\n"
        b"Feedback-ID: daily-2026-11-20:daily:list0a0e17422a\r\n"
        b"List-Unsubscribe: <https://papers.example.org/unsubscribe/"
        b"uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu>, <mailto:papers@lists.example.org"
        b"?subject=unsubscribe%20uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu>\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative; boundary="=_alternative"\r\n',
        title="Good\r\nBcc\ra\nb\x0bc\x0cd\x85e\u2028f\u2029g: all@example.com\r\n\r\nbody",
        subject="“Good Bcc a b c d e f g: all@example.com body” and 7 more · 20 Nov",
    ),
    "a reader whose name needs SMTPUTF8, and a title beyond one plane": Case(
        b"From: Daily Papers <papers@lists.example.org>\r\n"
        b"To: <j\xc3\xb6rg@exempel.test>\r\n"
        b"Subject: =?utf-8?b?8J+YgGXMgTog8J+RqeKAjfCfkanigI3wn5GnLCBDb3BwZXJDaW5k?=\r\n"
        b" =?utf-8?b?ZXIyICh0dW5pbmcgcml2ZXJzKSBhbmQgNiBtb3JlIMK3IDIwIE5vdg==?=\r\n"
        b"Date: Fri, 20 Nov 2026 07:00:00 +0000\r\n"
        b"Message-ID: <daily.2026-11-20.b2fbd25eb3e1c0945a7d546d@lists.example.org>\r\n"
        b"List-Id: Daily Papers\r\n"
        b" <daily-papers.lists.example.org>\r\n"
        b"List-Archive: <https://papers.example.org/editions>\r\n"
        b"List-Help: <https://papers.example.org/>\r\n"
        b"List-Owner: <mailto:papers@lists.example.org>\r\n"
        b"List-Post: NO\r\n"
        b"Precedence: bulk\r\n"
        b"X-Auto-Response-Suppress: OOF, AutoReply\r\n"
        b"Feedback-ID: daily-2026-11-20:daily:list0a0e17422a\r\n"
        b"List-Unsubscribe: <https://papers.example.org/unsubscribe/"
        b"uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu>, <mailto:papers@lists.example.org"
        b"?subject=unsubscribe%20uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu>\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative; boundary="=_alternative"\r\n',
        title="😀\ud800e\u0301: 👩\u200d👩\u200d👧",
        reader="jörg@exempel.test",
        subject="\U0001f600e\u0301: \U0001f469\u200d\U0001f469\u200d\U0001f467, CopperCinder2 (tuning rivers) and 6 more \xb7 20 Nov",
    ),
    "everything long, addresses of 300 characters": Case(
        b"From: =?utf-8?b?w5xuw69jw7Zkw6kgw5xuw69jw7Zkw6kgw5xuw69jw7Zkw6kg?=\r\n"
        b" =?utf-8?b?w5xuw69jw7Zkw6kgw5xuw69jw7Zkw6kgw5xuw69jw7Zkw6kgw5xuw69jw7Zk?=\r\n"
        b" =?utf-8?b?w6kgw5xuw69jw7Zkw6k=?=\r\n"
        b" <papers@lists.example.org>\r\n"
        b"To: <rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"
        b"@dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd.example.com>\r\n"
        b"Subject: =?utf-8?q?CopperCinder2_=28tuning_rivers=29=2C_SaffronEmber3_and_?=\r\n"
        b" =?utf-8?q?6_more_=C2=B7_20_Nov?=\r\n"
        b"Date: Fri, 20 Nov 2026 07:00:00 +0000\r\n"
        b"Message-ID: <daily.2026-11-20.93d046a2290670667a5fbb3a@lists.example.org>\r\n"
        b"List-Id: =?utf-8?b?w5xuw69jw7Zkw6kgw5xuw69jw7Zkw6kgw5xuw69jw7Zkw6kg?=\r\n"
        b" =?utf-8?b?w5xuw69jw7Zkw6kgw5xuw69jw7Zkw6kgw5xuw69jw7Zkw6kgw5xuw69jw7Zk?=\r\n"
        b" =?utf-8?b?w6kgYWJj?=\r\n"
        b" <n-c-d-n-c-d-n-c-d-n-c-d-n-c-d-n-c-d-n-c-d-abc.lists.example.org>\r\n"
        b"List-Archive: <https://papers.example.org/"
        b"a/very-long_path~a/very-long_path~a/very-long_path~a/very-long_path~"
        b"a/very-long_path~a/very-long_path~a/very-long_path~a/very-long_path~"
        b"a/very-long_path~a/very-long_path~a/very-long_path~a/very-long_path~"
        b"a/very-long_path~a/very-long_path~a/very-long_path~a/very-long_path~x/editions>\r\n"
        b"List-Help: <https://papers.example.org/"
        b"a/very-long_path~a/very-long_path~a/very-long_path~a/very-long_path~"
        b"a/very-long_path~a/very-long_path~a/very-long_path~a/very-long_path~"
        b"a/very-long_path~a/very-long_path~a/very-long_path~a/very-long_path~"
        b"a/very-long_path~a/very-long_path~a/very-long_path~a/very-long_path~x/>\r\n"
        b"List-Owner: <mailto:papers@lists.example.org>\r\n"
        b"List-Post: NO\r\n"
        b"Precedence: bulk\r\n"
        b"X-Auto-Response-Suppress: OOF, AutoReply\r\n"
        b"Feedback-ID: daily-2026-11-20:daily:list389cecc63e\r\n"
        b"List-Unsubscribe: <https://papers.example.org/"
        b"a/very-long_path~a/very-long_path~a/very-long_path~a/very-long_path~"
        b"a/very-long_path~a/very-long_path~a/very-long_path~a/very-long_path~"
        b"a/very-long_path~a/very-long_path~a/very-long_path~a/very-long_path~"
        b"a/very-long_path~a/very-long_path~a/very-long_path~a/very-long_path~x/unsubscribe/"
        b"uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu>, <mailto:papers@lists.example.org"
        b"?subject=unsubscribe%20uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu>\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative; boundary="=_alternative"\r\n',
        replace(
            PLAIN,
            list_name="Ünïcödé " * 7 + "abc",
            sender="Ünïcödé " * 8 + "<papers@lists.example.org>",
            base_url=LONG_URL,
        ),
        "x" * 200,
        "r" * 64 + "@" + "d" * 60 + ".example.com",
        "CopperCinder2 (tuning rivers), SaffronEmber3 and 6 more · 20 Nov",
        "Ünïcödé " * 7 + "Ünïcödé",
    ),
    "many words, and no pages": Case(
        b"From: =?utf-8?q?A_sender_whose_name_has_many_words_and_no_end_in?=\r\n"
        b" =?utf-8?q?_sight_at_all_ever_it_seems?=\r\n"
        b" <papers@lists.example.org>\r\n"
        b"To: <reader1@example.com>\r\n"
        b"Subject: =?utf-8?q?CopperCinder2_=28tuning_rivers=29=2C_SaffronEmber3_and_?=\r\n"
        b" =?utf-8?q?6_more_=C2=B7_20_Nov?=\r\n"
        b"Date: Fri, 20 Nov 2026 07:00:00 +0000\r\n"
        b"Message-ID: <daily.2026-11-20.629a27f81de91915f3f1329a@lists.example.org>\r\n"
        b'List-Id: "A list with a name that is as long as one may be, sixty or s"\r\n'
        b" <a-list-with-a-name-that-is-as-long-as-one-may-be-sixty-or-s"
        b".lists.example.org>\r\n"
        b"List-Help: <mailto:papers@lists.example.org?subject=help>\r\n"
        b"List-Owner: <mailto:papers@lists.example.org>\r\n"
        b"List-Post: NO\r\n"
        b"Precedence: bulk\r\n"
        b"X-Auto-Response-Suppress: OOF, AutoReply\r\n"
        b"Feedback-ID: daily-2026-11-20:daily:liste23ddffc38\r\n"
        b"List-Unsubscribe: <mailto:papers@lists.example.org"
        b"?subject=unsubscribe%20uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu>\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative; boundary="=_alternative"\r\n',
        ListIdentity(
            "A list with a name that is as long as one may be, sixty or s",
            "A sender whose name has many words and no end in sight at all ever it seems"
            " <papers@lists.example.org>",
        ),
        "word " * 60,
        subject="CopperCinder2 (tuning rivers), SaffronEmber3 and 6 more · 20 Nov",
        sender="A sender whose name has many words and no end in sight at all ever it seems",
    ),
}


SIGNERS = (
    Signer("lists.example.org", "r2026", pem(rsa.generate_private_key(65537, 2048))),
    Signer("lists.example.org", "e2026", pem(ed25519.Ed25519PrivateKey.generate())),
)
ZONE = dict(signer.public_record() for signer in SIGNERS)
verified = partial(verifies, zone=ZONE)


def compose(case: Case) -> bytes:
    """The mail of that case, unsigned: an edition of eight papers of which the first has its title."""
    of = edition(8)
    first = replace(of.entries[0], title=case.title, raw_title=case.title)
    of = replace(of, entries=(first, *of.entries[1:]))
    reader = Recipient.of(
        case.list_identity, case.reader, 7, unsubscribe_token=TOKEN, preferences_token="p" * 40
    )
    return composer(of, case.list_identity).compose(general_selection(of), reader)


def arrived(contents: dict[str, bytes], *, pipelining: bool = True) -> list[Received]:
    """What the server keeps of those mails, by reader, sent over one connection."""

    def content(delivery: LeasedDelivery) -> bytes:
        return contents[delivery.subscriber.email]

    features = ("8BITMIME", "SMTPUTF8", *(["PIPELINING"] if pipelining else []))
    with Sink(Behaviour(features=features)) as sink:
        report = send(MemoryOutbox(list(contents)), relay(sink.port), compose=content)
    assert report.accepted == len(contents)
    return sink.mails


def decoded(value: bytes) -> str:
    """A header's words as a mail program shows them."""
    text = str(make_header(decode_header(value.decode("ascii").replace("\r\n", ""))))
    return re.sub(r'^"(.*)"$', lambda quoted: re.sub(r"\\(.)", r"\1", quoted[1]), text)


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "one-by-one"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_every_octet_of_the_head_arrives_as_written_here(case: Case, pipelining: bool) -> None:
    mail = compose(case)
    (received,) = arrived({case.reader: mail}, pipelining=pipelining)
    head, _, body = received.content.partition(b"\r\n\r\n")
    assert head + b"\r\n" == case.head
    assert received.content == mail
    assert body.startswith(b"--=_alternative\r\nContent-Type: text/plain; charset=utf-8\r\n")
    assert b"\n" not in received.content.replace(b"\r\n", b"")
    assert b"\r" not in received.content.replace(b"\r\n", b"")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_both_signatures_hold_over_what_arrived(case: Case) -> None:
    (received,) = arrived({case.reader: add_signatures(compose(case), SIGNERS)})
    assert received.content.startswith(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;")
    assert received.content.count(b"\r\nDKIM-Signature: v=1; a=ed25519-sha256;") == 1
    assert b"\r\n" + case.head + b"\r\n" in received.content
    assert verified(received.content, 0)
    assert verified(received.content, 1)
    assert not verified(
        received.content.replace(b"List-Unsubscribe: <", b"List-Unsubscribe: <x"), 0
    )


def test_the_longest_address_of_pages_fits_and_a_longer_one_is_refused_at_once() -> None:
    longest = "https://papers.example.org/" + "a" * 473
    mail = compose(
        replace(CASES["nothing unusual"], list_identity=replace(PLAIN, base_url=longest))
    )
    assert f"List-Unsubscribe: <{longest}/unsubscribe/{TOKEN}>, <mailto:".encode() in mail
    with pytest.raises(ConfigurationError, match="longer than 500"):
        replace(PLAIN, base_url=f"{longest}a")


def test_mails_that_follow_each_other_do_not_mix() -> None:
    mails = {f"{n}.{case.reader}": compose(case) for n, case in enumerate(CASES.values())}
    received = arrived(mails)
    assert {mail.recipient: mail.content for mail in received} == mails


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_link_to_leave_is_one_line_that_any_program_can_read(case: Case) -> None:
    (received,) = arrived({case.reader: compose(case)})
    lines = received.content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    (at,) = [n for n, line in enumerate(lines) if line.startswith(b"List-Unsubscribe:")]
    assert not lines[at + 1].startswith((b" ", b"\t"))
    assert b"=?" not in lines[at]
    assert lines[at].endswith(b"unsubscribe%20" + TOKEN.encode() + b">")
    assert max(map(len, lines)) <= 998


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_is_written_here_reads_back_as_it_was_meant(case: Case) -> None:
    fields = dict(re.findall(rb"([\w-]+): ((?:.|\r\n )+)\r\n", case.head))
    name, _, address = fields[b"From"].replace(b"\r\n", b"").rpartition(b" ")
    assert decoded(name) == case.sender
    assert address == f"<{case.list_identity.address}>".encode()
    assert decoded(fields[b"Subject"]) == case.subject


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\0"])
def test_a_line_end_in_what_the_operator_wrote_stops_everything(breaks: str) -> None:
    injected = f"Papers{breaks}Bcc: all@example.com"
    for field, value in (
        ("list_name", injected),
        ("sender", f"{injected} <papers@lists.example.org>"),
        ("base_url", f"https://papers.example.org/{injected}"),
    ):
        changes: dict[str, Any] = {field: value}
        with pytest.raises(ConfigurationError):
            replace(PLAIN, **changes)
    with pytest.raises(SubscriberError):
        compose(replace(CASES["nothing unusual"], reader=f"reader{breaks}Bcc:x@example.com"))


def test_the_head_of_a_confirmation_is_as_exact() -> None:
    odd = CASES["names that look encoded already"].list_identity
    letter = Renderer().service(
        ServiceTemplate.CONFIRM, odd, confirm_url=f"{LONG_URL}/confirm/{TOKEN}"
    )
    mail = service_message(letter, odd, "jörg@BÜCHER.example", at=PUBLISHED, key="7")
    (received,) = arrived({"jörg@BÜCHER.example": add_signatures(mail, SIGNERS)})
    assert verified(received.content, 0)
    assert verified(received.content, 1)
    assert received.content.endswith(mail)
    assert mail.partition(b"\r\n\r\n")[0] == (
        b"From: =?utf-8?b?PT91dGYtOD9xP2V2aWw9MEQ9MEFCY2M6X3g/PQ==?=\r\n"
        b" <papers@lists.example.org>\r\n"
        b"To: <j\xc3\xb6rg@xn--bcher-kva.example>\r\n"
        b"Subject: =?utf-8?b?UGxlYXNlIGNvbmZpcm06ID0/dXRmLTg/cT9ub3Rfb3Vycz89?=\r\n"
        b"Date: Fri, 20 Nov 2026 07:00:00 +0000\r\n"
        b"Message-ID: <confirm.4c7498d72220cde3cf14bbde@lists.example.org>\r\n"
        b"Feedback-ID: service-confirm:list2d3037cc59\r\n"
        b"Auto-Submitted: auto-generated\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative; boundary="=_alternative"'
    )
