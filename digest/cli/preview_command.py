"""``digest preview``: the mail that would go out, on paper, in the browser, or served while edited."""

from __future__ import annotations

import email
import email.policy
import http.server
import os
import secrets
import sys
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from digest.cli.console import complain, complain_of, say, say_json
from digest.cli.files import make_private, write_private

if TYPE_CHECKING:
    from digest.daily.preview import Preview
    from digest.model import Subscriber
    from digest.wiring.application import Application

TEXT_BROWSERS = {"www-browser", "w3m", "lynx", "links", "elinks", "browsh"}

RELOAD = """<script>
let stamp = null;
setInterval(async () => {
  const now = await (await fetch("stamp")).text();
  if (stamp !== null && stamp !== now) location.reload();
  stamp = now;
}, 700);
</script>"""


@dataclass(frozen=True, slots=True)
class MessageParts:
    """A mail taken apart again, as a mail program does."""

    raw: bytes
    message: EmailMessage
    html: str
    text: str

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])


def show_preview(
    locations: list[str] | None,
    *,
    output: Path | None,
    reader: str | None,
    day: date | None,
    browse: bool,
    serve: bool,
    as_json: bool,
) -> None:
    """Prove the mail once, then show it in the way that was asked for."""
    from digest.sources import prepare

    prepare()
    from digest.wiring.application import open_application

    house = open_application()
    proof = _proof(house, locations, reader, day)
    complain_of(proof.rejected)
    for error in proof.failed:
        complain(str(error))
    for line in proof.plain:
        complain(line)
    if not proof.message:
        _say_silence(proof, as_json)
        return
    parts = take_apart(proof.message)
    if output is not None:
        _write(parts, output)
    if serve:
        _serve(house, proof, reader, browse)
        return
    page = None if output is not None else _write_page(proof, parts)
    if as_json:
        say_json(_facts(proof, parts, output, page))
    else:
        told = proof.published.edition if proof.published else None
        say(parts.subject)
        if not locations and not house.settings.sources:
            say("made of the sample dumps; name a dump, or set DIGEST_SOURCES, to see your own")
        elif not proof.fresh:
            say("published already today: this is the edition as it was frozen then")
        if told is not None:
            say(f"{told.new} new of {told.read} read, {len(told.updated)} updated")
        say(f"HTML {len(parts.html.encode()) / 1000:.0f} kB, text {len(parts.text) / 1000:.0f} kB")
        say(f"written to {output or page}, readable by you only")
        if reader is not None:
            say(f"its links act for {reader}, as in the mail itself: pass it on to nobody else")
    if page is not None and browse and not _opened(page):
        say("no browser opened: open that file in one, or write the parts with --output DIR")


def _opened(page: Path) -> bool:
    """Whether a browser with a window shows the page; a text browser would flood the terminal."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    name = os.path.basename(str(getattr(browser, "name", "")))
    if name in TEXT_BROWSERS or not sys.stdout.isatty():
        return False
    return browser.open(page.as_uri())


def take_apart(raw: bytes) -> MessageParts:
    """The parts of a message, decoded."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    html, text = message.get_body(("html",)), message.get_body(("plain",))
    return MessageParts(
        raw,
        message,
        html.get_content() if html is not None else "",
        text.get_content() if text is not None else "",
    )


def _proof(
    house: Application, locations: list[str] | None, reader: str | None, day: date | None
) -> Preview:
    """In the real memory, undone afterwards, for the configured sources; else in an empty one."""
    from digest import samples
    from digest.daily.preview import preview_edition
    from digest.store import open_store

    subscriber = _subscriber(house, reader)
    if locations or not house.settings.sources:
        store = open_store("sqlite://")
        store.migrate()
        try:
            return preview_edition(
                store,
                house.desk,
                house.press,
                locations or [str(path) for path in samples.paths()],
                keys=("preview-key-that-signs-nothing-real",),
                reader=subscriber,
                day=day,
                clock=house.clock,
            )
        finally:
            store.close()
    # Asked for before the rehearsal, which holds the only writing transaction.
    keys = house.keys
    with house.store.rehearsal() as rehearsal:
        return preview_edition(
            rehearsal,
            house.desk,
            house.press,
            house.sources(None),
            keys=keys,
            reader=subscriber,
            day=day,
            clock=house.clock,
        )


def _subscriber(house: Application, address: str | None) -> Subscriber | None:
    if address is None:
        return None
    from digest import subscriptions

    return subscriptions.find_by_email(house.store, address)


def _say_silence(proof: Preview, as_json: bool) -> None:
    if as_json:
        say_json({"subject": None, "silence": proof.silence})
    else:
        say(f"no mail would go out: {proof.silence}")
    if proof.rejected or proof.failed:
        raise typer.Exit(1)


def _write(parts: MessageParts, folder: Path) -> None:
    files = {
        "digest.html": parts.html.encode(),
        "digest.txt": parts.text.encode(),
        "digest.eml": parts.raw,
    }
    make_private(folder)
    for name, content in files.items():
        write_private(folder / name, content)


def _write_page(proof: Preview, parts: MessageParts) -> Path:
    import platformdirs

    page = platformdirs.user_cache_path("digest") / "preview.html"
    make_private(page.parent)
    write_private(page, _page(proof, parts).encode())
    return page


def _page(proof: Preview, parts: MessageParts) -> str:
    from digest.mail.preview import preview_page

    return preview_page(parts.raw, expires=proof.published.expires_at if proof.published else None)


def _facts(
    proof: Preview, parts: MessageParts, output: Path | None, page: Path | None
) -> dict[str, object]:
    told = proof.published.edition if proof.published else None
    return {
        "subject": parts.subject,
        "papers": told.new if told else 0,
        "updated": len(told.updated) if told else 0,
        "read": told.read if told else 0,
        "html_bytes": len(parts.html.encode()),
        "text_bytes": len(parts.text.encode()),
        "written": str(output or page),
        "silence": None,
    }


def _serve(house: Application, proof: Preview, reader: str | None, browse: bool) -> None:
    """Serve the preview page on this machine, rendered anew whenever a template changes."""
    subscriber = _subscriber(house, reader)

    def fresh() -> str:
        from digest.daily.preview import compose_preview

        assert proof.published is not None
        rendering = house.fresh_renderer().render(proof.published.edition, house.list_identity)
        published = replace(proof.published, rendering=rendering)
        raw = compose_preview(published, house.desk, house.list_identity, house.keys, subscriber)
        return _page(proof, take_apart(raw or proof.message))

    # Every user of this machine can connect: only who sees this terminal knows the path.
    path = f"/{secrets.token_urlsafe(16)}/"
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), _handler(path, fresh, lambda: _stamp(house.renderer.folders))
    )
    address = f"http://127.0.0.1:{server.server_address[1]}{path}"
    say(f"serving {address} until Ctrl-C; edit the templates in {house.renderer.folders[0]}")
    if browse:
        webbrowser.open(address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        say("stopped")
    finally:
        server.server_close()


def _stamp(folders: tuple[Path, ...]) -> str:
    files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
    return str(max((file.stat().st_mtime_ns for file in files), default=0))


def _handler(
    path: str, fresh: Callable[[], str], stamp: Callable[[], str]
) -> type[http.server.BaseHTTPRequestHandler]:
    from digest.errors import DigestError

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == f"{path}stamp":
                self._answer(stamp(), "text/plain")
                return
            if self.path != path:
                self.send_error(404)
                return
            try:
                page = fresh()
            except DigestError as error:
                from html import escape

                page = f"<!doctype html><title>Cannot render</title><pre>{escape(str(error))}</pre>"
            self._answer(page + RELOAD, "text/html")

        def _answer(self, body: str, kind: str) -> None:
            content = body.encode()
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the terminal for what the person asked for."""

    return Handler
