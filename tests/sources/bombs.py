"""Small files that stand for large ones, and files beyond any papers page; made as they are written."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path

MOST = 10 * 1024 * 1024
"""Bytes: the most that is read at all (`SourceLimits.max_bytes`)."""
_ENTITIES = b'<!ENTITY l0 "ha">' + b"".join(
    b'<!ENTITY l%d "%s">' % (place + 1, b"&l%d;" % place * 10) for place in range(9)
)
_MAIL = b"From: a\nMIME-Version: 1.0\nContent-Type: "


def _filled(start: bytes, unit: bytes, end: bytes = b"", size: int = MOST - 1_000) -> list[bytes]:
    """One file's pieces: ``unit`` again and again between ``start`` and ``end``."""
    block = unit * max((1 << 20) // len(unit), 1)
    return [start, *[block] * (size // len(block)), end]


BOMBS: dict[str, Iterable[bytes]] = {
    "200 MB of text": _filled(b"", b"A title\n\nSome words of it.\n\n", size=200_000_000),
    "200 MB of JSON": _filled(b"[", b'{"title": "x", "summary": "y"},', b"{}]", 200_000_000),
    "200 MB of XML": _filled(b"<feed>", b"<entry><title>x</title></entry>", b"</feed>", 200_000_000),
    "JSON of empty lists": _filled(b"[", b"[],", b"[]]"),
    "JSON of empty objects": _filled(b"[", b"{},", b"{}]"),
    "JSON of numbers": _filled(b"[", b"1.5,", b"1]"),
    "JSON of names": [b"{", b",".join(b'"%x":0' % number for number in range(900_000)), b"}"],
    "JSON of titles": _filled(b"[", b'{"title":"x"},', b"{}]"),
    "JSON lines": _filled(b"", b"{}\n"),
    "JSON in JSON": _filled(b"", b"["),
    "objects in objects": [b'{"a":' * 1_500_000, b"1", b"}" * 1_500_000],
    "entities in entities": [b"<rss><!DOCTYPE rss [", _ENTITIES, b"]><channel><item>&l9;"],
    "a long entity": [
        b'<rss><!DOCTYPE rss [<!ENTITY a "', b"x" * 1_000_000, b'">]>', b"<item>&a;</item>" * 99_999,
    ],
    "a page of entities": [b"<!DOCTYPE html [", _ENTITIES, b"]><html><body>&l9;</body></html>"],
    "a feed of entries": _filled(b"<feed>", b"<entry/>", b"</feed>"),
    "a feed in a feed": _filled(b"<feed>", b"<a>"),
    "boxes in boxes": _filled(b"<html><body>", b"<div>"),
    "a page of bold letters": _filled(b"<html><body>", b"<b>x"),
    "a wide table": _filled(b"title,abstract\n", b","),
    "a long table": _filled(b"title,abstract\n", b"a,b\n"),
    "RIS of authors": _filled(b"TY  - JOUR\n", b"AU  - A, B\n"),
    "BibTeX of titles": _filled(b"@a{b,", b"title={x},"),
    "BibTeX that never ends": _filled(b"@a{b,title=", b"{"),
    "a mail of parts": _filled(
        _MAIL + b'multipart/mixed; boundary="b"\n\n', b"--b\nContent-Type: text/html\n\n<b>x\n"
    ),
    "mails in mails": [
        _MAIL,
        *(b'multipart/mixed; boundary="b%d"\n\n--b%d\nContent-Type: ' % (n, n) for n in range(150_000)),
    ],
    "a few mails in mails": [
        _MAIL,
        *(b'multipart/mixed; boundary="b%d"\n\n--b%d\nContent-Type: ' % (n, n) for n in range(2_000)),
        b"text/plain\n\nx",
    ],
    "a mail of HTML": _filled(
        _MAIL + b"text/html\nContent-Transfer-Encoding: base64\n\n", b"PGI+eDxiPng8Yj54"
    ),
    "an archive": [gzip.compress(bytes(300_000_000))],
    "lines of a letter": _filled(b"", b"a\n"),
    "one long line": _filled(b"", b"word "),
    "UTF-16": _filled(b"\xff\xfe", "Title\n\n".encode("utf-16-le")),
    "data of a page": _filled(
        b'<html><body><div data-props="{&quot;dailyPapers&quot;:[', b"[],", b'[]]}"></div></body></html>'
    ),
}  # fmt: skip


def write(path: Path, name: str) -> None:
    """Write that bomb."""
    with path.open("wb") as file:
        file.writelines(BOMBS[name])


def tree_memory(process: int) -> int:
    """Bytes of memory that a process and all its children have now (Linux)."""
    total = 0
    for each in _family(process):
        try:
            total += int(Path(f"/proc/{each}/statm").read_text().split()[1]) * 4096
        except (OSError, IndexError):
            continue  # it has ended
    return total


def _family(process: int) -> Iterator[int]:
    yield process
    try:
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))
    except OSError:
        return
