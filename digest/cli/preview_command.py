"""Make the mail that would go out and show it, for ``digest preview``."""

from __future__ import annotations

import email
import email.policy
import os
import sys
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from digest.cli.console import (
    print_error,
    print_errors,
    say,
    say_json,
)
from digest.cli.files import make_private, write_private
from digest.cli.preview_post import post_target, print_post
from digest.errors import TemporaryError

if TYPE_CHECKING:
    from digest.daily.preview import Preview
    from digest.model import PublishedEdition, Selection, Subscriber
    from digest.store import Store
    from digest.wiring.application import Application

TEXT_BROWSERS = {"www-browser", "w3m", "lynx", "links", "elinks", "browsh"}


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


@dataclass(frozen=True, slots=True)
class PreviewOptions:
    """The sources of a preview and the way it is shown. ``subscriber`` is an address or a number.

    With ``addresses`` it is mailed to them instead; ``mailbox`` is where it then arrives. ``held``: the
    locations name held readings. ``post`` names a target or a service, whose post is printed instead.
    """

    locations: tuple[str, ...] = ()
    output: Path | None = None
    subscriber: str | None = None
    day: date | None = None
    browse: bool = False
    serve: bool = False
    as_json: bool = False
    addresses: tuple[str, ...] = ()
    held: bool = False
    post: str | None = None
    mailbox: Path | None = None


def show_preview(options: PreviewOptions) -> None:
    """Make the mail once, then show it in the way that was asked for."""
    from digest.sources import prepare

    prepare()
    from digest.wiring.application import open_application

    app = open_application()
    # A relay that is not set is said before minutes are spent on reading pages.
    mail_settings = app.preview_settings if options.addresses else None
    target = post_target(app, options.post) if options.post is not None else None
    try:
        preview = _make_preview(app, options)
    except TemporaryError as error:
        raise _with_advice(error, options) from error
    _print_problems(preview)
    if not preview.message:
        _say_no_mail(preview, options)
        return
    if mail_settings is not None:
        from digest.cli.preview_mail import PreviewRecipients, mail_preview

        subscriber = _subscriber(app, options.subscriber)
        recipients = PreviewRecipients(options.addresses, subscriber, options.mailbox)
        mail_preview(app, mail_settings, preview, recipients, as_json=options.as_json)
        return
    if target is not None:
        print_post(app, preview, target, as_json=options.as_json)
        return
    parts = take_apart(preview.message)
    if options.output is not None:
        _write_parts(parts, options.output)
    if options.serve:
        _serve(app, preview, options)
        return
    _show_written(app, preview, parts, options)


def _show_written(
    app: Application, preview: Preview, parts: MessageParts, options: PreviewOptions
) -> None:
    """Write the page of a preview, unless its parts were written; say so, and open it."""
    page = _write_page(preview, parts) if options.output is None else None
    written = page or options.output
    if options.as_json:
        say_json(_preview_object(preview, parts, written))
    else:
        _say_preview(app, preview, parts, options)
        _say_written(written, options.subscriber)
    if page is not None and options.browse and not _open_in_browser(page):
        say("no browser opened: open that file in one, or write the parts with --output DIR")


def _with_advice(error: TemporaryError, options: PreviewOptions) -> TemporaryError:
    """The error of a source out of reach, with what somebody who only looks can do now."""
    if type(error) is not TemporaryError:
        return error
    sample = ", or look at the sample: digest preview" if options.locations else ""
    mend = f"Check the network and try again{sample}"
    return TemporaryError(error.what, where=error.where, mend=mend)


def _say_written(written: Path | None, subscriber: str | None) -> None:
    say(f"written to {written}, readable by you only")
    if subscriber is not None:
        say(f"its links act for {subscriber}, as in the mail itself: pass it on to nobody else")


def _print_problems(preview: Preview) -> None:
    print_errors(preview.rejected)
    for error in preview.failed:
        print_error(str(error))
    for held in preview.held:
        print_error(held.line)
    for line in preview.plain:
        print_error(line)


def _say_preview(
    app: Application, preview: Preview, parts: MessageParts, options: PreviewOptions
) -> None:
    say(parts.subject)
    if not options.locations and not app.settings.sources and not options.held:
        say("made from invented sample dumps; for today's real papers: digest preview hf:daily")
    elif not preview.fresh:
        say("published already today: this is the edition as it was frozen then")
    if preview.published is not None:
        edition = preview.published.edition
        say(
            f"{edition.new} new of {max(edition.read, edition.new)} listed, {len(edition.updated)} updated"
        )
    say(f"HTML {len(parts.html.encode()) / 1000:.0f} kB, text {len(parts.text) / 1000:.0f} kB")


def _open_in_browser(page: Path) -> bool:
    """Open the page and tell whether a browser with a window shows it.

    A text browser is not started: it would flood the terminal.
    """
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    name = os.path.basename(str(getattr(browser, "name", "")))
    if name in TEXT_BROWSERS or not sys.stdout.isatty():
        return False
    return browser.open(page.as_uri())


def take_apart(raw: bytes) -> MessageParts:
    """Decode a message into its parts."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    html, text = message.get_body(("html",)), message.get_body(("plain",))
    return MessageParts(
        raw,
        message,
        html.get_content() if html is not None else "",
        text.get_content() if text is not None else "",
    )


def _make_preview(app: Application, options: PreviewOptions) -> Preview:
    """Preview the configured sources in a rehearsal on the real store, others in an empty one."""
    from digest import samples
    from digest.daily.preview import PREVIEW_KEYS, PreviewRequest, preview_edition, preview_held
    from digest.store.throwaway_store import ThrowawayStore

    subscriber = _subscriber(app, options.subscriber)
    if not options.held and (options.locations or not app.settings.sources):
        return preview_edition(
            ThrowawayStore(),
            app.editorial,
            app.publish_settings,
            PreviewRequest(
                options.locations or [str(path) for path in samples.paths()],
                keys=PREVIEW_KEYS,
                subscriber=subscriber,
                day=options.day,
                tools=app.tools_for(options.locations),
                choose=_by_taste(app, app.store, subscriber, stored=False) if subscriber else None,
            ),
            clock=app.clock,
        )
    # Read before the rehearsal, which holds the only writing transaction.
    link_keys = app.link_keys
    locations = options.locations if options.held else app.source_locations(None)
    request = PreviewRequest(
        locations,
        keys=link_keys,
        subscriber=subscriber,
        day=options.day,
        holds=True,
        tools=app.tools_for(locations),
    )
    make = preview_held if options.held else preview_edition
    with app.store.rehearsal() as rehearsal:
        if subscriber is not None:
            request = replace(request, choose=_by_taste(app, rehearsal, subscriber))
        return make(rehearsal, app.editorial, app.publish_settings, request, clock=app.clock)


def _by_taste(
    app: Application, store: Store, subscriber: Subscriber, *, stored: bool = True
) -> Callable[[PublishedEdition], Selection | None]:
    """Make the function that chooses for a subscriber as the audience's freezing does."""
    from digest.daily.taste_selections import selection_for

    def choose(published: PublishedEdition) -> Selection | None:
        return selection_for(store, app.editorial, published, subscriber, stored=stored)

    return choose


def _subscriber(app: Application, address: str | None) -> Subscriber | None:
    if address is None:
        return None
    from digest import subscriptions

    return subscriptions.find_by_email(app.store, address)


def _say_no_mail(preview: Preview, options: PreviewOptions) -> None:
    if options.as_json:
        say_json({"subject": None, "silence": preview.no_mail_reason})
    else:
        say(f"no mail would go out: {preview.no_mail_reason}")
    if preview.rejected or preview.failed or options.addresses:
        raise typer.Exit(1)


def _write_parts(parts: MessageParts, folder: Path) -> None:
    files = {
        "digest.html": parts.html.encode(),
        "digest.txt": parts.text.encode(),
        "digest.eml": parts.raw,
    }
    make_private(folder)
    for name, content in files.items():
        write_private(folder / name, content)


def _write_page(preview: Preview, parts: MessageParts) -> Path:
    import platformdirs

    page = platformdirs.user_cache_path("digest") / "preview.html"
    make_private(page.parent)
    write_private(page, _page(preview, parts).encode())
    return page


def _page(preview: Preview, parts: MessageParts) -> str:
    from digest.mail.preview import preview_page

    published = preview.published
    return preview_page(parts.raw, expires=published.expires_at if published else None)


def _preview_object(
    preview: Preview, parts: MessageParts, written: Path | None
) -> dict[str, object]:
    """A preview as JSON."""
    edition = preview.published.edition if preview.published else None
    return {
        "subject": parts.subject,
        "papers": edition.new if edition else 0,
        "updated": len(edition.updated) if edition else 0,
        "read": edition.read if edition else 0,
        "html_bytes": len(parts.html.encode()),
        "text_bytes": len(parts.text.encode()),
        "written": str(written),
        "silence": None,
    }


def _serve(app: Application, preview: Preview, options: PreviewOptions) -> None:
    """Serve the preview page on this machine, rendered anew whenever a template changes."""
    from digest.cli.preview_server import serve_page

    subscriber = _subscriber(app, options.subscriber)

    def render_anew() -> str:
        from digest.daily.preview import compose_preview

        assert preview.published is not None
        assert preview.selection is not None
        edition = preview.published.edition
        rendering = app.fresh_renderer().render(edition, app.list_identity)
        published = replace(preview.published, rendering=rendering)
        raw = compose_preview(
            published, preview.selection, app.list_identity, app.link_keys, subscriber
        )
        return _page(preview, take_apart(raw))

    serve_page(render_anew, app.renderer.folders, browse=options.browse)
