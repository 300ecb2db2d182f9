"""Pages made to hurt whoever reads them, by ten ways of mutating a sound one; the same for a seed."""

from __future__ import annotations

import gzip
import math
import random
from collections.abc import Callable

from sources import shelf
from sources.shelf import SHELF

LAYOUTS = [
    shelf.glued,
    shelf.blank_separated,
    shelf.scraped_markdown,
    shelf.terminal_capture,
    shelf.saved_cards,
    shelf.saved_paragraphs,
]
ENCODINGS = ["utf-16", "utf-16-le", "utf-32-be", "cp1252", "latin-1", "utf-7", "cp037", "shift_jis"]
BLOCKS = [
    b"[a\n", b"[\n", b"](https://a.b/c)\n", b"[a](https://a.b/c) ", b"[1]x", b"https://a.b/c\n",
    b"### t\n", b"**x**\n", b". ", b" ", b"\n", b"\t", b"<b>x", b"<br>", b"<p>", b"</p>", b"<a ",
    b"<a href=/papers/2606.01234>x</a>", b"a=1 ", b'data-props="', b"&quot;", b"&lt;", b"<!--",
    b"<![CDATA[", b"1 \xc2\xb7 ", b"Authors : ", b"published ", b"by ", b"Title: a\n", b"|", b"$",
    b"Abstract: b\n", b"Jan 1\n", b"- 3 authors\n", b"\xe2\x96\xb2 5\n", b"{", b'{"papers":[', b"\\[",
    b"\xf0\x9f\x98\x80", b"\xcc\x81", b"\xe2\x80\xae", b"\xff", b"\x1b[31m", b"a:\n", b"A b:\n",
    b"Previous\n", b"\xc2\xa9 ", b"0", b"9,", b"(" , b"<svg>", b"<table><tr><td>", b"<div class=a>",
]  # fmt: skip
STARTS = [
    b"",
    b"### t\n\n",
    b"<!doctype html><html><body>",
    b"Title\n\n",
    b"---\n",
    b"References\n",
]
NESTS = [
    (b"<div>", b"</div>"), (b"[", b"](https://a.b/c)"), (b"<b><i>", b"</i></b>"), (b"(", b")"),
    (b"<ul><li>", b"</li></ul>"), (b"{&quot;papers&quot;:[", b"]}"), (b"> ", b""), (b"**", b"**"),
    (b"<a href=/x>", b"</a>"), (b'<div data-props="', b'">'),
]  # fmt: skip

Mutation = Callable[[random.Random, bytes, int], bytes]


def truncated(dice: random.Random, page: bytes, size: int) -> bytes:
    return (page * (1 + size // len(page)))[: dice.randrange(size + 1)]


def flipped(dice: random.Random, page: bytes, size: int) -> bytes:
    damaged = bytearray(page)
    for _ in range(1 + len(page) // dice.choice([10, 100, 1000])):
        damaged[dice.randrange(len(damaged))] = dice.randrange(256)
    return bytes(damaged)


def repeated(dice: random.Random, page: bytes, size: int) -> bytes:
    """The page with one of its own parts again and again."""
    start = dice.randrange(len(page))
    part = page[start : start + dice.choice([1, 7, 60, 900])] or b"x"
    return page[:start] + part * (size // len(part)) + page[start:]


def piled(dice: random.Random, page: bytes, size: int) -> bytes:
    """One or two small pieces again and again, alone or in a page."""
    block = b"".join(dice.choices(BLOCKS, k=dice.choice([1, 1, 2, 3])))
    start, end = (page, page) if dice.random() < 0.3 else (dice.choice(STARTS), b"\x00!\n")
    return start + block * (size // len(block) + 1) + end


def nested(dice: random.Random, page: bytes, size: int) -> bytes:
    opening, closing = dice.choice(NESTS)
    depth = size // (len(opening) + len(closing))
    closed = closing * (depth if dice.random() < 0.7 else depth // 2)
    return dice.choice(STARTS) + opening * depth + page[:500] + closed


def endless(dice: random.Random, page: bytes, size: int) -> bytes:
    """Lines without end."""
    line = dice.choice([b"word ", b"x", b"a.b ", page.replace(b"\n", b" ")])
    return page[: dice.randrange(len(page))] + line * (size // len(line) + 1)


def misread(dice: random.Random, page: bytes, size: int) -> bytes:
    text = page.decode("utf-8", "replace") * (1 + size // len(page) // 4)
    data = text.encode(dice.choice(ENCODINGS), "replace")
    declared = b'<meta charset="%s">' % dice.choice([b"punycode", b"utf-16", b"idna", b"x", b"gbk"])
    return dice.choice([b"", b"\xff\xfe", b"\xef\xbb\xbf", declared]) + data


def with_nuls(dice: random.Random, page: bytes, size: int) -> bytes:
    every = dice.choice([2, 9, 100])
    return b"\x00".join(page[place : place + every] for place in range(0, len(page), every))


def bombed(dice: random.Random, page: bytes, size: int) -> bytes:
    """Small things that stand for large ones."""
    laughs = b"".join(
        b'<!ENTITY l%d "%s">' % (place + 1, b"&l%d;" % place * 10) for place in range(9)
    )
    return dice.choice(
        [
            gzip.compress(bytes(size)),
            b'<!DOCTYPE html [<!ENTITY l0 "ha">' + laughs + b"]><html><body>&l9;" + page,
            b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><p>&x;' + page,
            b"<html><body><p " + b" ".join(b"a%d=1" % each for each in range(size // 8)) + b">" + page,
            b"<html><body><p " + b"".join(b"a%d='<'" % each for each in range(size // 9)) + b">" + page,
            b'<html><body><div data-props="{&quot;papers&quot;:' + b"[" * size + b'">' + page,
            b'<html><body><div data-props="{&quot;papers&quot;:[' + b"1" * size + b']}">' + page,
            b'<html><body><div data-props="{&quot;papers&quot;:['
            + b"{&quot;title&quot;:&quot;x&quot;}," * (size // 30)
            + b'{}]}"></div>' + page,
        ]
    )  # fmt: skip


def noise(dice: random.Random, page: bytes, size: int) -> bytes:
    return dice.randbytes(size) if dice.random() < 0.5 else page + dice.randbytes(size) + page


MUTATIONS: list[Mutation] = [
    truncated, flipped, repeated, piled, nested, endless, misread, with_nuls, bombed, noise,
]  # fmt: skip


def good(place: int) -> tuple[bytes, list[str]]:
    """A sound page as bytes, and the titles of its papers."""
    papers = tuple(
        shelf.invented(number, f"Kettle {place} and {number}", paper.abstract)
        for number, paper in enumerate(SHELF)
    )
    return shelf.glued(papers).encode(), [paper.title for paper in papers]


def hostile(seed: int, most: int) -> tuple[str, bytes]:
    """What was done, and the page it was done to; at most some ``most`` bytes."""
    dice = random.Random(seed)
    page = dice.choice(LAYOUTS)(SHELF).encode()
    mutation = dice.choice(MUTATIONS)
    # As many small as large ones, by their order of magnitude.
    size = int(10 ** dice.uniform(1.0, math.log10(most)))
    data = mutation(dice, page, min(size, most))
    if dice.random() < 0.2:
        data = dice.choice(MUTATIONS)(dice, data or b"x", min(size, most) // 4 + 1)
    return mutation.__name__, data[: 2 * most + 100_000]
