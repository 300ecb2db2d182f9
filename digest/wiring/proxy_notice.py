"""Keep what the pages notice of the proxy in front of them, so that ``digest check`` can report it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from digest.errors import DigestError
from digest.store import Store

FLAG = "web.proxy"

log = logging.getLogger(__name__)


def notice_keeper(store: Store, clock: Callable[[], datetime]) -> Callable[[str], None]:
    """Make the function that keeps a notice; one of an earlier start is forgotten now.

    The function is called where requests are answered, so it writes in a thread of its own.
    """
    with store.begin() as unit:
        unit.runs.clear_flag(FLAG)

    def write(line: str) -> None:
        try:
            with store.begin() as unit:
                unit.runs.set_flag(FLAG, line, clock())
        except DigestError as error:
            log.warning("a notice about the proxy could not be kept: %s", error)

    def keep(line: str) -> None:
        threading.Thread(target=write, args=(line,), name="proxy-notice", daemon=True).start()

    return keep


def notice(store: Store) -> str | None:
    """The notice since the pages started, if there is one."""
    with store.read() as unit:
        return unit.runs.flag(FLAG)
