"""Whether a text mentions a reader's keyword: whole words, whatever case, accents and hyphens."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+[+#]*")
# Scripts written without blanks between words: there a keyword is found inside longer runs.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def mentions(text: str, keyword: str) -> bool:
    """Whether ``text`` has the word or phrase ``keyword``.

    "GAN" is found in "GANs" and "text to image" in "Text-to-Image", but "art" not in "smart".
    A keyword without letters or digits is never found.
    """
    needle = folded(keyword)
    if not needle.strip():
        return False
    if _UNSPACED.search(needle):
        return needle.strip() in folded(text)
    return needle in folded(text)


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """The words of a text in one form, a blank around each; a plural's s is taken off."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return f" {' '.join(map(_singular, _WORD.findall(plain)))} "


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "sui" else word
