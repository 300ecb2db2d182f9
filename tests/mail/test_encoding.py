"""Octets: quoted-printable bodies and header lines."""

from __future__ import annotations

import quopri
import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ConfigurationError
from digest.mail import encoding
from digest.mail.plain_text import clean

LINES = st.text(st.characters(exclude_categories=["Cs"]), max_size=400) | st.text(
    "xxxx.= \t\n\ré", min_size=70, max_size=400
)


@given(LINES)
def test_quoted_printable_reads_back_and_keeps_its_lines_short(text: str) -> None:
    encoded = encoding.quoted_printable(text)
    normal = text.replace("\r\n", "\n").replace("\r", "\n")
    assert quopri.decodestring(encoded).decode("utf-8").replace("\r\n", "\n") == normal
    assert encoded.isascii()
    assert all(len(line) <= 76 for line in encoded.split(b"\r\n"))
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|[ \t]\r\n", encoded)
    assert not re.search(rb"^\.", encoded, re.MULTILINE)


@pytest.mark.parametrize("last", ["x", "é", "=", ".", "x \n", "é\t\n"])
@pytest.mark.parametrize("length", range(66, 80))
def test_a_line_has_room_for_what_ends_it(length: int, last: str) -> None:
    encoded = encoding.quoted_printable("x" * length + last)
    assert quopri.decodestring(encoded).decode("utf-8") == ("x" * length + last).replace(
        "\n", "\r\n"
    )
    assert all(len(line) <= 76 for line in encoded.split(b"\r\n"))


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        (".", b"=2E=\r\n"),
        (".card{margin:0}\n", b"=2Ecard{margin:0}\r\n"),
        ("." + "x" * 73 + "\n", b"=2E" + b"x" * 73 + b"\r\n"),
        ("." + "x" * 74 + "\n", b"=2E" + b"x" * 72 + b"=\r\nxx\r\n"),
        ("." * 75 + "\n", b"=2E" + b"." * 72 + b"=\r\n=2E.\r\n"),
        ("x" * 75 + ".yz", b"x" * 75 + b"=\r\n=2Eyz=\r\n"),
    ],
)
def test_no_line_begins_with_a_dot(text: str, encoded: bytes) -> None:
    assert encoding.quoted_printable(text) == encoded


@given(LINES, LINES)
def test_encoded_pieces_can_be_joined_as_they_are(first: str, second: str) -> None:
    joined = encoding.quoted_printable(first.rstrip("\r")) + encoding.quoted_printable(second)
    read = quopri.decodestring(joined).decode("utf-8").replace("\r\n", "\n")
    whole = first.rstrip("\r") + second
    assert read == whole.replace("\r\n", "\n").replace("\r", "\n")


@given(st.text(max_size=300))
def test_a_subject_of_anything_is_one_header_that_reads_back(text: str) -> None:
    text = clean(text)
    line = encoding.unstructured_header("Subject", text)
    assert line.isascii()
    assert line.count(b"\r\n") == line.count(b"\r\n ") + 1
    assert all(len(part) <= 78 for part in line.split(b"\r\n"))
    assert all(len(word) <= 75 for word in re.findall(rb"=\?utf-8\?[qb]\?[^?]*\?=", line))
    parsed = message_from_bytes(line + b"\r\nx", policy=policy.default)
    assert list(parsed.keys()) == ["Subject"]
    value = line.split(b":", 1)[1].decode("ascii").strip().replace("\r\n", "")
    assert str(make_header(decode_header(value))) == encoding.one_line(text)


@pytest.mark.parametrize(
    ("subject", "encoded"),
    [
        ("Plain words", b"Subject: Plain words\r\n"),
        ("Papers · daily", b"Subject: =?utf-8?q?Papers_=C2=B7_daily?=\r\n"),
        ("=?utf-8?q?not_ours?=", b"Subject: =?utf-8?b?PT91dGYtOD9xP25vdF9vdXJzPz0=?=\r\n"),
        ("日本語", b"Subject: =?utf-8?b?5pel5pys6Kqe?=\r\n"),
        (
            "One subject that is a good deal longer than what a line of a header may hold",
            b"Subject: One subject that is a good deal longer than what a line of a header\r\n"
            b" may hold\r\n",
        ),
    ],
)
def test_a_subject_is_encoded_only_where_it_must_be(subject: str, encoded: bytes) -> None:
    assert encoding.unstructured_header("Subject", subject) == encoded


def test_a_word_too_long_to_fold_becomes_encoded_words() -> None:
    line = encoding.unstructured_header("Subject", "x" * 200)
    assert line.startswith(b"Subject: =?utf-8?q?xxx")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Daily Papers", "Daily Papers"),
        ("Papers, Daily", '"Papers, Daily"'),
        ('The "Daily"', '"The \\"Daily\\""'),
        ("Tägliche Arbeiten", "=?utf-8?q?T=C3=A4gliche_Arbeiten?="),
        ("two\r\nBcc: all@example.com", '"two Bcc: all@example.com"'),
    ],
)
def test_a_display_name_is_quoted_or_encoded(name: str, written: str) -> None:
    assert encoding.display_name(name) == written


def test_links_in_headers_are_never_folded() -> None:
    value = f"<https://example.org/{'x' * 200}>"
    assert (
        encoding.unfolded_header("List-Unsubscribe", value)
        == f"List-Unsubscribe: {value}\r\n".encode()
    )


@pytest.mark.parametrize("value", ["<https://a>\r\nBcc: x@example.com", "<https://é>", "x" * 999])
def test_a_link_that_no_header_can_carry_is_refused(value: str) -> None:
    with pytest.raises(ConfigurationError, match="List-Help"):
        encoding.unfolded_header("List-Help", value)


def test_a_date_is_in_the_form_of_the_standard() -> None:
    moment = datetime(2026, 11, 2, 7, 5, 9, tzinfo=UTC)
    assert encoding.date_header(moment) == "Mon, 02 Nov 2026 07:05:09 +0000"
