"""Find a reader's keywords in texts: whole words, whatever case, accents and hyphens."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from digest.unicode_forms import normalise_unicode

_WORD = re.compile(r"[^\W_]+[+#]*")
# Scripts written without blanks between words: there a keyword is found inside longer runs.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def mentions(text: str, keyword: str) -> bool:
    """Tell whether ``text`` has the word or phrase ``keyword``.

    "GAN" is found in "GANs" and "text to image" in "Text-to-Image", but "art" not in "smart".
    A keyword without letters or digits is never found.
    """
    needle = folded(keyword)
    if not needle.strip():
        return False
    if _UNSPACED.search(needle):
        return needle.strip() in folded(text)
    return needle in folded(text)


class Mentions:
    """The entries that mention a keyword, found by its words and not by reading every text.

    Readers may name a hundred words each, and an edition holds hundreds of papers: comparing all
    with all takes a tenth of a second for one reader, and any number of readers can ask for it.
    """

    def __init__(self, texts: Sequence[tuple[str, ...]]) -> None:
        """``texts`` are the texts of each entry; a phrase never spans two of them."""
        self._texts = [tuple(map(folded, of_one)) for of_one in texts]
        self._holders: dict[str, set[int]] = {}
        for number, of_one in enumerate(self._texts):
            for text in of_one:
                for word in text.split():
                    self._holders.setdefault(word, set()).add(number)

    def of(self, keyword: str) -> list[int]:
        """The entries that mention it, as `mentions` has it, in order."""
        needle = folded(keyword)
        words = needle.split()
        if not words:
            return []
        if _UNSPACED.search(needle):
            needle = needle.strip()
            numbers: Iterable[int] = range(len(self._texts))
        else:
            holders = [self._holders.get(word) for word in words]
            known = [each for each in holders if each is not None]
            if len(known) < len(holders):
                return []
            numbers = sorted(set.intersection(*known))
        return [number for number in numbers if any(needle in text for text in self._texts[number])]


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """The words of a text in one form, a blank around each; a plural's s is taken off."""
    plain = normalise_unicode("NFKD", normalise_unicode("NFKD", text).casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return f" {' '.join(map(_singular, _WORD.findall(plain)))} "


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "sui" else word
