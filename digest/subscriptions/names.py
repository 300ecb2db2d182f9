"""Read the name that a subscriber may give; nothing needs it."""

from __future__ import annotations

from digest.errors import SubscriberError
from digest.model import MAX_NAME_LENGTH
from digest.unicode_forms import normalise_unicode

_OF_ADDRESSES = ("://", "www.", "@", "<", ">")
"""Parts of links and addresses: a name with one is an advertisement, or the wrong field."""


def read_name(text: str) -> str:
    """The name in one line; ``""`` for none.

    Raises `digest.errors.SubscriberError` for what can be no name.
    """
    name = " ".join(normalise_unicode("NFC", text[: 4 * MAX_NAME_LENGTH]).split())
    if len(name) > MAX_NAME_LENGTH:
        raise SubscriberError(
            f"this is longer than {MAX_NAME_LENGTH} characters", where="name", mend="Shorten it"
        )
    if not name.isprintable() or any(part in name.lower() for part in _OF_ADDRESSES):
        raise SubscriberError(
            "this is not a name", where="name", mend="Leave it empty, or give your name"
        )
    return name
