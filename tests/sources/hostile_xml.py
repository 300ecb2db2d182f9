"""Feeds and harvests that were cut, mixed and stuffed at random; the same seed gives the same text."""

from __future__ import annotations

import random

from sources.fetching.misbehaving_host import feed, harvest

_ODD = (
    b"<", b">", b"&", b"&#0;", b"&#xFFFFFF;", b"&nbsp;", b"&lt;", b"]]>", b"<![CDATA[", b"<!--", b"-->",
    b"<?xml version='1.0' encoding='utf-16'?>", b"<?php x ?>", b"<!DOCTYPE rss [", b"<!ENTITY a 'b'>",
    b"<item>", b"</item>", b"</channel>", b"<entry>", b"<a:b:c/>", b"xmlns='x'", b"xmlns:dc=''",
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", "\u202e\u2028".encode(), b"'" * 50,
    b"<title type='xhtml'>", b"<content type='application/xml'>", b"<link rel='x' href='file:///'/>",
    b"<resumptionToken>", b"<record><metadata>", b"<dc:creator>", b"99999999999999999999", b"=" * 200,
    b"<pubDate>99999-99-99T99:99:99+99:99</pubDate>", b"<updated>Thu, 31 Feb 0000</updated>",
)  # fmt: skip


def hostile_xml(seed: int) -> bytes:
    """The bytes of one case."""
    chance = random.Random(seed)
    count = chance.choice((1, 3, 20, 300))
    text = bytearray(feed(1, count) if chance.random() < 0.6 else harvest(1, count))
    for _ in range(chance.randint(1, 12)):
        place = chance.randrange(len(text) + 1)
        kind = chance.randrange(6)
        if kind == 0:
            text[place:place] = chance.choice(_ODD) * chance.choice((1, 1, 3, 2_000))
        elif kind == 1:
            del text[place : place + chance.choice((1, 10, 1_000))]
        elif kind == 2:
            end = place + chance.randint(1, 2_000)
            text[place:place] = text[place:end] * chance.choice((1, 2, 200))
        elif kind == 3:
            text[place : place + 1] = bytes([chance.randrange(256)])
        elif kind == 4:
            text = text[place:] + text[:place] if chance.random() < 0.2 else text
        elif text[place:]:
            name = chance.choice((b"a", b"div", b"category", b"author", b"x:y"))
            many = chance.choice((10, 1_000, 30_000))
            text[place:place] = b"<%s>" % name * many + b"</%s>" % name * chance.choice((0, many))
    return bytes(text[:2_000_000])
