"""An installation whose editions are shown to two editors first, on whichever database."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from installation import KEYS, RENDERER, Installation

from digest.daily.daily_run import DailyRun
from digest.daily.deliver import DeliverReport
from digest.daily.deliver_due import deliver_due
from digest.daily.pause_alert import PauseAlert
from digest.mail.list_identity import ListIdentity
from digest.mail.tokens import read_token
from digest.model import HoldState, PreviewHold

BASE = "https://papers.example.org"
EDITORS = ("editor@example.org", "deputy@example.org")
HOUR = timedelta(hours=1)
OPERATOR = "ops@example.org"


class HeldInstallation(Installation):
    """An installation whose editions are shown to two editors for an hour before anybody gets them."""

    def __init__(self, folder: Path, start: datetime, address: str, *, base: str | None = BASE):
        super().__init__(folder, start, address=address)
        self.list_identity = ListIdentity("Daily Papers", "papers@example.org", base)
        alert = PauseAlert(
            OPERATOR, self.transport, RENDERER, self.list_identity, "bounces@example.org"
        )
        self.delivery = replace(
            self.delivery, list_identity=self.list_identity, pause_alert=alert, renderer=RENDERER
        )
        self.publishing = replace(
            self.publishing, list_identity=self.list_identity, hold=PreviewHold(EDITORS, HOUR)
        )
        self.daily_run = DailyRun(
            self.store, self.editorial, self.publishing, self.delivery, [str(self.dumps)]
        )

    def publish(self, papers: str) -> None:
        """A dump, and its edition, of which nothing was sent yet."""
        self.dump(papers)
        self.ingest()
        self.publish_editions()

    def pulse(self) -> DeliverReport | None:
        """What the daemon does every minute."""
        return deliver_due(self.store, self.editorial, self.delivery, clock=self.clock)

    def later(self, **span: float) -> None:
        self.clock.now += timedelta(**span)

    @property
    def recipients(self) -> list[str]:
        """Who got a mail, in order; the operator's are left out."""
        return [mail.recipient for mail in self.transport.mails if mail.recipient != OPERATOR]

    def stop_by_link(self, editor: str = EDITORS[0], mail: int = -1) -> bool:
        """Press the button behind the link in an editor's mail."""
        with self.store.begin() as unit:
            return unit.holds.stop_by_link(self.linked(editor, mail), self.clock())

    def linked(self, editor: str = EDITORS[0], mail: int = -1) -> int:
        """The preview that the link in an editor's mail is signed for."""
        body = self.transport.to(editor)[mail].get_body(("plain",))
        assert body is not None
        found = re.search(rf"{BASE}/stop/(\S+)", body.get_content())
        assert found
        number = read_token("stop", found[1], KEYS)
        assert number is not None
        return number

    def hold_state(self) -> HoldState | None:
        with self.store.read() as unit:
            (summary,) = unit.editions.list(1, all=True)
            hold = unit.holds.of(summary.id)
        return None if hold is None else hold.state
