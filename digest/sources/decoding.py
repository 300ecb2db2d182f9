"""Turn the bytes of a dump into text, and say in one line what was wrong with them."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a database"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
)
_SAMPLE = 65_536
_CONTROLS = bytes(set(range(32)) - {9, 10, 11, 12, 13, 27})
_PAGE_CHARSETS = re.compile(
    rb"(?:iso-?8859-?|windows-|cp)\d{1,4}|latin-?\d|koi8-[ru]|gb2312|gbk|gb18030|big5(?:-hkscs)?"
    rb"|euc-(?:jp|kr)|shift[_-]jis|iso-2022-jp|tis-620|macintosh|mac-roman|us-ascii|ascii|utf-?8",
    re.IGNORECASE,
)
"""What pages are written in (WHATWG Encoding, §4.2). Python has codecs beyond these, some of them
(punycode) of quadratic time."""
_CHARSET = re.compile(rb"<meta[^<>]{0,200}charset=[\"']?([\w-]{2,30})", re.IGNORECASE)


class NotTextError(ValueError):
    """The bytes are no text at all; the message says what they look like."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, and what had to be put up with to read it (``""`` for nothing)."""

    text: str
    note: str = ""


def decode(data: bytes) -> Decoded:
    """The text in ``data``: UTF-8 if it can be, else what it most likely is.

    :raises NotTextError: for an archive, a picture or anything else that is no text.
    """
    for magic, name in _MAGIC:
        if data.startswith(magic):
            raise NotTextError(f"this is {name}, not text")
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            if encoding == "utf-8":
                return _decode_utf8(data[len(bom) :])
            return _decode_wide(data, encoding)
    if wide := _wide_without_bom(data[:_SAMPLE]):
        return _decode_wide(data, wide)
    sample = data[:_SAMPLE]
    nuls = sample.count(0)
    controls = len(sample) - len(sample.translate(None, _CONTROLS)) - nuls
    if nuls * 10 > len(sample) or controls * 50 > len(sample):
        raise NotTextError("binary data, not text")
    return _decode_utf8(data)


def _decode_wide(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace").lstrip("\ufeff")
    sample = text[:_SAMPLE]
    odd = sum(not mark.isprintable() and not mark.isspace() for mark in sample)
    if odd * 20 > len(sample) or text.count("\ufffd") * 20 > len(text):
        raise NotTextError("binary data, not text")
    name = encoding.upper().removesuffix("-LE").removesuffix("-BE")
    return Decoded(text.replace("\x00", ""), f"{name}, not UTF-8: read as {name}; save it as UTF-8")


def _wide_without_bom(sample: bytes) -> str | None:
    """UTF-16 shows as a NUL beside nearly every Latin letter, always on the same side."""
    half = len(sample) // 2
    if half < 8:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd * 10 > half * 7 and even * 10 < half:
        return "utf-16-le"
    if even * 10 > half * 7 and odd * 10 < half:
        return "utf-16-be"
    return None


def _decode_utf8(data: bytes) -> Decoded:
    nuls = data.count(0)
    note = ""
    if nuls:
        data = data.replace(b"\x00", b"")
        note = f"{nuls} NUL bytes, left out: was the file damaged? Fetch it again if papers are missing"
    try:
        return Decoded(data.decode("utf-8"), note)
    except UnicodeDecodeError as error:
        if len(data) - error.start < 4 and error.reason == "unexpected end of data":
            cut = "the file ends inside a character, it was cut: fetch it again"
            return Decoded(data[: error.start].decode("utf-8"), cut)
    return _decode_other(data)


def _decode_other(data: bytes) -> Decoded:
    """Text that is not UTF-8: damaged UTF-8, what an HTML page declares, or Windows-1252."""
    damaged = data.decode("utf-8", "replace")
    broken = damaged.count("\ufffd")
    whole = len(damaged) - broken - len(damaged.encode("ascii", "ignore"))
    if whole > broken:
        return Decoded(damaged, f"{broken} bytes are not UTF-8, shown as \ufffd: fetch it again")
    declared = _CHARSET.search(data[:4096])
    if declared and not _PAGE_CHARSETS.fullmatch(declared[1]):
        declared = None
    for encoding in (declared[1].decode("ascii") if declared else "cp1252", "cp1252", "latin-1"):
        try:
            text = data.decode(encoding)
        except (LookupError, ValueError):
            continue
        name = {"cp1252": "Windows-1252", "latin-1": "Latin-1"}.get(encoding, encoding)
        if declared and encoding == declared[1].decode("ascii"):
            return Decoded(text)
        return Decoded(text, f"not UTF-8: read as {name}; save it as UTF-8 if letters look wrong")
    raise NotTextError("no known encoding")
