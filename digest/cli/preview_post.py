"""Print the post of an edition as a service would get it, for ``digest preview --post``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from digest.cli.console import say, say_json

if TYPE_CHECKING:
    from digest.channels.targets import PostTarget
    from digest.daily.preview import Preview
    from digest.wiring.application import Application


def post_target(app: Application, name: str) -> PostTarget:
    """Find the target with that name, or make one of a service with that name.

    Raises ``typer.BadParameter`` where there is neither.
    """
    from digest.channels.targets import PostTarget, Service

    app.check_post_topics()
    for target in app.post_targets:
        if target.name == name:
            return target
    if name in list(Service):
        return PostTarget(name, Service(name), "")
    names = dict.fromkeys((*(target.name for target in app.post_targets), *Service))
    raise typer.BadParameter(f"{name!r} is none of {', '.join(names)}", param_hint="--post")


def print_post(app: Application, preview: Preview, target: PostTarget, *, as_json: bool) -> None:
    """Print the text of a post, or say that the edition has nothing that the target asked for."""
    from digest.channels.services import preview_text
    from digest.daily.post_content import post_content
    from digest.daily.posts import select_for_target

    assert preview.published is not None
    selection = select_for_target(preview.published, app.editorial, target)
    if selection is None:
        say(f"nothing would be posted to {target.name}: the edition has nothing it asked for")
        return
    text = preview_text(
        target.service, post_content(preview.published, selection, app.list_identity)
    )
    if as_json:
        say_json({"target": target.name, "service": str(target.service), "text": text})
        return
    for line in text.split("\n"):
        say(line)
