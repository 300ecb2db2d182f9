"""Format the log of long-running processes, one line for each event."""

from __future__ import annotations

import logging
from typing import Any

from digest.visible import visible


class OneLine(logging.Formatter):
    """One line for each event, whatever words a relay, a file name or a mail put into it.

    Only the traceback of a defect takes more: it follows, indented, and begins no line like one.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s level=%(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """The event on one line."""
        return visible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """The traceback, indented."""
        lines = super().formatException(ei).split("\n")
        return "\n".join(f"  {visible(line)}" for line in lines)
