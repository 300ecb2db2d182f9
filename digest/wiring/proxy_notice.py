"""What the pages noticed of the proxy in front of them, kept so that ``digest check`` tells it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from digest.errors import DigestError
from digest.store import Store

FLAG = "web.proxy"

log = logging.getLogger(__name__)


def keeper(store: Store, clock: Callable[[], datetime]) -> Callable[[str], None]:
    """What keeps a notice, and forgets that of an earlier start now.

    It is called where requests are answered, so it writes in a thread of its own.
    """
    with store.begin() as unit:
        unit.runs.clear_flag(FLAG)

    def write(line: str) -> None:
        try:
            with store.begin() as unit:
                unit.runs.set_flag(FLAG, line, clock())
        except DigestError as error:
            log.warning("what was noticed of the proxy is not kept: %s", error)

    def keep(line: str) -> None:
        threading.Thread(target=write, args=(line,), name="proxy-notice", daemon=True).start()

    return keep


def notice(store: Store) -> str | None:
    """What was noticed since the pages started, if anything."""
    with store.read() as unit:
        return unit.runs.flag(FLAG)
