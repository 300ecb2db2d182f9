"""An edition turned into frozen pieces of mail: the only place where templates are rendered.

Each piece (masthead, a bar of the chart, a section's heading, a paper's card) is rendered once per
edition as HTML and as text, whether or not the general mail shows it: a reader's own choice may.
``mail.message`` joins them. CSS is inlined by premailer into the templates, once, before any paper
is filled in (see ``mail.inlining``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest.errors import ConfigurationError
from digest.mail import inlined_cache, wording
from digest.mail.fragments import FragmentRenderer
from digest.mail.inlining import inline_css
from digest.mail.list_identity import ListIdentity
from digest.mail.slots import Fragment
from digest.mail.templates import TemplateFolders, Theme
from digest.model import Edition, Rendering

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["ListIdentity", "Renderer", "ServiceMailContent"]

_SHELL = "shell.html.j2"
_HOLE = "{{ content }}"
_STYLE = re.compile(r" style=(?:'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\")")
_SPACE = re.compile(r"([;:,])\s+")
_CLASSES = re.compile(r' class="([^"]*)"')
_SERVICE = {
    "confirm": ("Please confirm: {list_name}", "One click, and the next edition is yours."),
    "welcome": ("Welcome to {list_name}", "What comes, when, and how to choose or leave."),
    "goodbye": ("You have left {list_name}", "No more mail from us. The way back is inside."),
    "leave": ("Leave {list_name}?", "A mail asked for it. Say yes, or do nothing and stay."),
    "paused": ("{list_name} is paused", "When it goes on, and how to go on sooner."),
    "alert": ("Sending is paused: {list_name}", "Why no more mail leaves, and what to do."),
}


@dataclass(frozen=True, slots=True)
class ServiceMailContent:
    """A mail that is not an edition, complete: its subject and both its parts."""

    kind: str
    subject: str
    html: str
    text: str


class Renderer:
    """Renders editions and service mails with one set of templates.

    ``templates`` is the operator's own folder (laid out like ``templates/``; missing files come
    from the shipped ones). Templates are read and compiled at the first use and kept, so a change
    on disk needs a new ``Renderer``. With a ``cache``, a folder, what was inlined once is not inlined
    again (see `digest.mail.inlined_cache`). Raises ``ConfigurationError`` naming file and line.
    """

    def __init__(self, templates: Path | None = None, *, cache: Path | None = None) -> None:
        self._cache = cache
        self._folders = TemplateFolders(templates)
        self._compiled: _Kit | None = None

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where the templates come from, the operator's own folder first."""
        return self._folders.folders()

    @property
    def _kit(self) -> _Kit:
        if self._compiled is None:
            self._compiled = _Kit(self._folders, self._cache)
        return self._compiled

    def check(self) -> None:
        """Compile every template and render a tiny edition and every service mail."""
        from digest.mail.sample_edition import EDITION, SERVICE_VALUES

        letterhead = ListIdentity("Specimen", "specimen@example.org", "https://example.org")
        self.render(EDITION, letterhead)
        for kind, values in SERVICE_VALUES.items():
            self.service(kind, letterhead, **values)

    def render(self, edition: Edition, letterhead: ListIdentity) -> Rendering:
        """Every piece of the edition's mails. Pure: the same values give the same pieces."""
        return FragmentRenderer(self._kit, edition, letterhead).rendering()

    def service(self, kind: str, letterhead: ListIdentity, /, **values: str) -> ServiceMailContent:
        """A service mail: ``confirm`` (``confirm_url``), ``welcome`` (``preferences_url``,
        ``unsubscribe_url``, ``when``), ``goodbye`` (``subscribe_url``, empty where there are no
        pages, and ``sender_address``), ``leave`` (``unsubscribe_url``, empty likewise, and
        ``unsubscribe_mailto``), ``paused`` (``until``, ``preferences_url``,
        ``unsubscribe_url``), ``alert`` (``reason``, ``remedy``).

        Raises ``ConfigurationError`` if a template asks for a value that is not given.
        """
        title, preheader = _SERVICE[kind]
        kit = self._kit
        subject = title.format(list_name=wording.clip(wording.clean(letterhead.list_name), 40))
        shared = {
            "list_name": wording.clean(letterhead.list_name),
            "logo": wording.clean(kit.theme.brand["logo"] or letterhead.list_name),
            "language": letterhead.language,
            "postal_address": wording.clean(letterhead.postal_address),
            "brand_footer": wording.clean(kit.theme.brand["footer"]),
            "title": subject,
            "preheader": preheader,
            "web_url": letterhead.web or "",
        } | {name: wording.clean(value) for name, value in values.items()}
        body = kit.piece(f"service-{kind}", **shared)
        footer = kit.piece("service-footer", **shared)
        page = {
            form: kit.page(form, content=body[form], footer=footer[form], **shared)
            for form in ("html", "text")
        }
        return ServiceMailContent(kind, subject, page["html"], page["text"])


class _Kit:
    """The compiled templates: HTML with CSS inlined, and text."""

    def __init__(self, folders: TemplateFolders, cache: Path | None) -> None:
        from jinja2 import DictLoader, StrictUndefined

        from digest.mail.sandbox import (
            TEMPLATE_ERRORS,
            Sandbox,
        )

        self.theme: Theme = folders.theme()
        self._folders = folders
        settings: dict[str, Any] = {
            "undefined": StrictUndefined,
            "trim_blocks": True,
            "lstrip_blocks": True,
            "keep_trailing_newline": True,
        }
        css = Sandbox(autoescape=False, **settings)
        palette = {
            "light": self.theme.light,
            "dark": self.theme.dark,
            "fonts": self.theme.fonts,
        }
        sheets = {}
        for name in ("inline.css.j2", "head.css.j2"):
            try:
                sheets[name] = css.from_string(folders.read(name)).render(palette)
            except TEMPLATE_ERRORS as error:
                raise _faulty(error, folders, name) from error
        self.head_css = "\n".join(line for line in sheets["head.css.j2"].splitlines() if line)
        sources = {name: folders.read(name) for name in folders.names(".html.j2")}
        rules = sheets["inline.css.j2"]
        inlined = inlined_cache.load_or_inline(
            cache,
            sources,
            rules,
            lambda: inline_css(sources, shell=_SHELL, hole=_HOLE, css=rules, engine=_premailer),
            maker=Path(__file__),
        )
        inlined = {
            name: _without_spent_classes(html, self.head_css) for name, html in inlined.items()
        }
        texts = {name: folders.read(name) for name in folders.names(".txt.j2")}
        self._html = Sandbox(loader=DictLoader(inlined), autoescape=True, **settings)
        # Text has nothing to escape.
        self._text = Sandbox(loader=DictLoader(texts), autoescape=False, **settings)
        self._html.filters["isolated"] = _isolated_html
        self._text.filters["isolated"] = _isolated_text
        self._text.filters["wrapped"] = wording.wrapped
        self._text.filters["underlined"] = wording.underlined

    def piece(self, name: str, /, **values: object) -> Fragment:
        """The template ``name`` filled, as HTML and as text. ``Markup`` values go in unescaped."""
        return {
            "html": _tidy(self._fill(self._html, f"{name}.html.j2", values)) + "\n",
            "text": self._fill(self._text, f"{name}.txt.j2", values),
        }

    def page(self, form: str, /, **values: object) -> str:
        """The whole page of that form around ``content`` and ``footer``."""
        from markupsafe import Markup

        if form == "text":
            return self._fill(self._text, "shell.txt.j2", values)
        rendered = {"head_css": self.head_css} | {n: values[n] for n in ("content", "footer")}
        ready = values | {n: Markup(html) for n, html in rendered.items()}  # noqa: S704 - by us
        return _tidy(self._fill(self._html, _SHELL, ready)) + "\n"

    def _fill(self, environment: Environment, name: str, values: Mapping[str, object]) -> str:
        from digest.mail.sandbox import TEMPLATE_ERRORS

        try:
            return environment.get_template(name).render(values)
        except TEMPLATE_ERRORS as error:
            raise _faulty(error, self._folders, name) from error


def _isolated_html(text: str) -> Any:
    """Text that runs from right to left, kept from turning what follows it round.

    A span with ``dir``, because Gmail and Outlook drop ``<bdi>``.
    """
    from markupsafe import Markup

    if not wording.has_right_to_left(text):
        return text
    return Markup('<span dir="auto">{}</span>').format(text)


def _isolated_text(text: str) -> str:
    """The same in plain text: FIRST STRONG ISOLATE … POP DIRECTIONAL ISOLATE (UAX #9)."""
    return f"\u2068{text}\u2069" if wording.has_right_to_left(text) else text


def _without_spent_classes(html: str, css: str) -> str:
    """HTML that keeps only the classes which the remaining style sheet still names."""
    named = set(re.findall(r"\.([\w-]+)", css))

    def keep(match: re.Match[str]) -> str:
        kept = [name for name in match[1].split() if name in named]
        return f' class="{" ".join(kept)}"' if kept else ""

    return _CLASSES.sub(keep, html)


def _tidy(html: str) -> str:
    """HTML without empty lines and indentation, which would be paid for in every mail."""
    return "\n".join(line.strip() for line in html.splitlines() if line.strip())


def _premailer(page: str) -> str:
    """The page with its rules inlined, as compact as premailer's output can be made."""
    from premailer import Premailer

    inlined: str = Premailer(
        page,
        disable_validation=True,
        disable_leftover_css=True,
        allow_network=False,
        align_floating_images=False,
        disable_basic_attributes=["width", "height", "align", "valign", "bgcolor", "background"],
    ).transform()
    return _STYLE.sub(_compact_style, inlined)


def _compact_style(match: re.Match[str]) -> str:
    """A style attribute without needless spaces, and always in double quotes."""
    style = (match["single"] or match["double"]).replace('"', "'")
    return f' style="{_SPACE.sub(lambda m: m[1], style)}"'


def _faulty(error: Exception, folders: TemplateFolders, name: str) -> ConfigurationError:
    """That error as one line with the template and, if it is known, the line."""
    from jinja2 import TemplateSyntaxError

    from digest.mail.sandbox import describe_error

    line = f":{error.lineno}" if isinstance(error, TemplateSyntaxError) else ""
    return ConfigurationError(
        f"the template does not work ({describe_error(error)})", where=f"{folders.path(name)}{line}"
    )
