"""Undo the ``Subscribe`` button that a plain copy of the page glues to the first title."""

from __future__ import annotations

import re

_BUTTON = "Subscribe"
_ENGLISH = re.compile(r"(?:r|rs|d|s)(?![\w])|rless\b|rship\b")
_PUNCTUATION = ":;,.-–—!?'’…/&"
_WORD = re.compile(r"[\w-]+")


def unglue(title: str, abstract: str, *, after_promotion: bool) -> str:
    """The first title of a page without the button's word, if that was glued to it.

    A title that itself starts with the word (``Subscribe or Perish``, ``Subscriber Churn``), or
    with a name made of it that comes again in the text (``SubscribeNet``), is left alone.
    ``after_promotion`` says that the button's own line of text stands right before.
    """
    if not title.startswith(_BUTTON):
        return title
    rest = title[len(_BUTTON) :]
    if not rest or rest[0].isspace() or rest[0] in _PUNCTUATION or _ENGLISH.match(rest):
        return title
    if rest[0].islower() and not after_promotion:
        return title
    match = _WORD.match(title)
    name = match[0] if match else ""
    if len(name) > len(_BUTTON) and (name in abstract or name in title[len(name) :]):
        return title
    return rest
