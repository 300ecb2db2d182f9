"""Stopping an edition from its preview: a page that changes nothing, and a button that does, once."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from digest.mail import plain_text
from digest.model import DeliveryState, EditionHold, HoldState
from digest.web.link_pages import LinkPages


class StopPages(LinkPages):
    """``/stop/<token>``; the id in its token is that of a preview mail, which shows one edition."""

    purpose = "stop"

    def _page(self, signed_id: int) -> Response:
        with self._site.store.read() as unit:
            shown = unit.holds.of_preview(signed_id)
            waits = shown is not None and shown[0].edition_id in unit.editions.undelivered(
                self._site.clock()
            )
        if shown is None:
            return self._gone()
        hold = shown[0]
        if not hold.link_works or not waits:
            return self._decided(hold)
        return self._context.private("stop.html.j2", edition=hold.name, when=self._when(hold))

    async def _submit(self, request: Request, signed_id: int) -> Response:
        return await self._threads.run(self._stop, signed_id)

    def _stop(self, signed_id: int) -> Response:
        now = self._site.clock()
        with self._site.store.begin() as unit:
            stopped = unit.holds.stop_by_link(signed_id, now)
            shown = unit.holds.of_preview(signed_id)
            sent = 0 if shown is None else unit.outbox.tally(shown[0].edition_id).accepted
        if shown is None:
            return self._gone()
        if not stopped:
            return self._decided(shown[0])
        hold = shown[0]
        leaving = f"{sent:,} had it already; nobody else gets it." if sent else "Nobody gets it."
        return self._context.note(
            "The edition is stopped",
            [
                f"The {hold.name} is stopped. {leaving}",
                f"The operator can now send it after all with digest release {hold.day}, or give "
                f"its papers to the next edition with digest discard {hold.day}.",
            ],
            [],
        )

    def _when(self, hold: EditionHold) -> str:
        """Say when everybody gets the edition, on the list's own clock."""
        if hold.state is HoldState.RELEASED:
            return (
                "It is being sent to everybody now; stopping it holds back the mails that are "
                "not sent yet."
            )
        if hold.until is None or not hold.previews.get(DeliveryState.ACCEPTED):
            return "Nobody but the preview addresses has it yet."
        zone = self._site.zone
        moment = hold.until.astimezone(zone)
        day = plain_text.day_in_words(moment.date())
        return f"Everybody gets it at {moment:%H:%M} on {day} ({zone.key})."

    def _decided(self, hold: EditionHold) -> Response:
        """Say that this link does nothing any more, and why."""
        if hold.state is HoldState.STOPPED:
            title, line = "It is already stopped", f"The {hold.name} is sent to nobody."
        elif hold.state is HoldState.RELEASED and not hold.link_works:
            title = "It was released"
            line = f"The operator released the {hold.name}; this older link can no longer stop it."
        else:
            title = "Too late to stop it"
            line = f"The {hold.name} was sent to everybody, or it is too old to be sent."
        return self._context.note(title, [line], [])

    def _gone(self) -> Response:
        return self._context.note(
            "This edition no longer exists",
            ["It was discarded, and nobody gets it. Its papers will be in another edition."],
            [],
        )
