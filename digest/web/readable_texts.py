"""Cache of readable texts: a request converts no text that an earlier one has converted."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable

from digest.editorial.paper_limits import (
    LONGEST_ABSTRACT,
    cut,
)
from digest.latex import readable
from digest.mail import plain_text

log = logging.getLogger(__name__)

ROOM = 8_000_000
"""Characters kept, of texts as read and as shown: some two thousand papers."""


class ReadableTexts:
    """Texts by what they were read as. Safe in several threads; the oldest go when it is full."""

    def __init__(self, room: int = ROOM, convert: Callable[[str], str] = readable) -> None:
        self._room = room
        self._convert = convert
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def text(self, raw: str) -> str:
        """``raw``, cut to what an abstract may have, as plain text; plainly if it has a defect."""
        raw = raw if len(raw) <= LONGEST_ABSTRACT else cut(raw, LONGEST_ABSTRACT)
        with self._lock:
            if raw in self._kept:
                self._kept.move_to_end(raw)
                return self._kept[raw]
        try:
            shown = plain_text.clean(self._convert(raw))
        except Exception as error:  # a page of many papers does not fail for one
            log.warning("a text is shown as it was read: %s", type(error).__name__)
            shown = plain_text.clean(raw)
        self._keep(raw, shown)
        return shown

    def _keep(self, raw: str, shown: str) -> None:
        with self._lock:
            if raw in self._kept:
                return
            self._kept[raw] = shown
            self._size += len(raw) + len(shown)
            while self._size > self._room:
                raw, shown = self._kept.popitem(last=False)
                self._size -= len(raw) + len(shown)


READABLE_TEXTS = ReadableTexts()
"""Those of this process. A text's reading never changes, so nothing here grows stale."""
