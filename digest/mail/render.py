"""An edition turned into frozen fragments of mail: the only place where templates are rendered.

Each fragment (masthead, a bar of the chart, a section's heading, a paper's card) is rendered once per
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
from digest.mail import (
    inlined_cache,
    plain_text,
)
from digest.mail.fragments import FragmentRenderer
from digest.mail.inlining import inline_css
from digest.mail.list_identity import ListIdentity
from digest.mail.slots import Fragment
from digest.mail.templates import ServiceTemplate, TemplateFolders, Theme
from digest.model import Edition, Rendering

if TYPE_CHECKING:
    from jinja2 import Environment

    from digest.mail.sandbox import Sandbox

__all__ = ["ListIdentity", "Renderer", "ServiceMailContent"]

_SHELL = "shell.html.j2"
_HOLE = "{{ content }}"
_STYLE = re.compile(r" style=(?:'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\")")
_SPACE = re.compile(r"([;:,])\s+")
_CLASSES = re.compile(r' class="([^"]*)"')
_SUBJECTS_AND_PREHEADERS = {
    ServiceTemplate.CONFIRM: (
        "Please confirm: {list_name}",
        "Confirm to get the next edition.",
    ),
    ServiceTemplate.WELCOME: (
        "Welcome to {list_name}",
        "What you get and when, how to choose topics, and how to unsubscribe.",
    ),
    ServiceTemplate.GOODBYE: (
        "You are unsubscribed from {list_name}",
        "This is our last mail to you.",
    ),
    ServiceTemplate.LEAVE: (
        "Unsubscribe from {list_name}?",
        "A mail in your name asked for this. Confirm, or do nothing and stay subscribed.",
    ),
    ServiceTemplate.APPROVED: (
        "You are subscribed to {list_name}",
        "Your request was accepted: how to choose topics, and how to unsubscribe.",
    ),
    ServiceTemplate.DECLINED: (
        "Your request was declined: {list_name}",
        "You will get no digest, and no other mail from us.",
    ),
    ServiceTemplate.APPROVALS: (
        "New subscribers wait: {list_name}",
        "How many wait for your approval, and what to do.",
    ),
    ServiceTemplate.PAUSED: (
        "{list_name} is paused",
        "When it starts again, and how to resume sooner.",
    ),
    ServiceTemplate.ALERT: (
        "Sending is paused: {list_name}",
        "Why no mail is sent, and what to do.",
    ),
    ServiceTemplate.STOPPED: (
        "An edition is stopped: {list_name}",
        "Who stopped it, and what to do.",
    ),
    ServiceTemplate.HELD: (
        "A source looks wrong: {list_name}",
        "What is held back, why, and what to do.",
    ),
    ServiceTemplate.SOURCES: (
        "A source needs attention: {list_name}",
        "Which one, why, and what to do.",
    ),
}


@dataclass(frozen=True, slots=True)
class ServiceMailContent:
    """A mail that is not an edition, complete: its subject and both its parts."""

    kind: ServiceTemplate
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
        self._compiled: _CompiledTemplates | None = None

    @property
    def folders(self) -> tuple[Path, ...]:
        """Folders that the templates come from, the operator's own first."""
        return self._folders.folders()

    @property
    def _templates(self) -> _CompiledTemplates:
        if self._compiled is None:
            self._compiled = _CompiledTemplates(self._folders, self._cache)
        return self._compiled

    def check(self) -> None:
        """Compile every template and render a tiny edition and every service mail."""
        from digest.mail.sample_edition import EDITION, SERVICE_VALUES

        list_identity = ListIdentity("Specimen", "specimen@example.org", "https://example.org")
        self.render(EDITION, list_identity)
        for kind, values in SERVICE_VALUES.items():
            self.service(kind, list_identity, **values)
        self.preview_note("It exists to be rendered.", stop_url="https://example.org/stop/x")

    def render(self, edition: Edition, list_identity: ListIdentity) -> Rendering:
        """Render every fragment of the edition's mails. Pure: the same values give the same ones."""
        return FragmentRenderer(self._templates, edition, list_identity).rendering()

    def preview_note(self, words: str, *, stop_url: str = "") -> Fragment:
        """Render the note above a mail that a few get before, or without, anybody else."""
        return self._templates.fragment(
            "preview-note", words=plain_text.clean(words), stop_url=stop_url
        )

    def service(
        self, kind: ServiceTemplate, list_identity: ListIdentity, /, **values: str
    ) -> ServiceMailContent:
        """Render a service mail: ``confirm`` (``confirm_url``), ``welcome`` (``preferences_url``,
        ``unsubscribe_url``, ``when``), ``goodbye`` (``subscribe_url``, empty where there are no
        pages, and ``sender_address``), ``leave`` (``unsubscribe_url``, empty likewise, and
        ``unsubscribe_mailto``), ``paused`` (``until``, ``preferences_url``,
        ``unsubscribe_url``), ``approved`` (``preferences_url``, ``unsubscribe_url``), ``declined``
        (``sender_address``), ``alert``, ``held``, ``sources`` and ``approvals``
        (``reason``, ``remedy``), ``stopped`` (``edition``,
        ``reason``, ``remedy``). ``welcome``, ``approved`` and ``declined`` also get
        ``subscriber_name``, ``""`` where none was given; the shipped templates do not use it.

        Raises ``ConfigurationError`` if a template asks for a value that is not given.
        """
        title, preheader = _SUBJECTS_AND_PREHEADERS[kind]
        templates = self._templates
        subject = title.format(
            list_name=plain_text.clip(plain_text.clean(list_identity.list_name), 40)
        )
        shared = {
            "list_name": plain_text.clean(list_identity.list_name),
            "logo": plain_text.clean(templates.theme.brand["logo"] or list_identity.list_name),
            "language": list_identity.language,
            "postal_address": plain_text.clean(list_identity.postal_address),
            "brand_footer": plain_text.clean(templates.theme.brand["footer"]),
            "title": subject,
            "preheader": preheader,
            "web_url": list_identity.web or "",
        } | {name: plain_text.clean(value) for name, value in values.items()}
        body = templates.fragment(f"service-{kind}", **shared)
        footer = templates.fragment("service-footer", **shared)
        page = {
            form: templates.page(form, content=body[form], footer=footer[form], **shared)
            for form in ("html", "text")
        }
        return ServiceMailContent(kind, subject, page["html"], page["text"])


class _CompiledTemplates:
    """The compiled templates: HTML with CSS inlined, and text."""

    def __init__(self, folders: TemplateFolders, cache: Path | None) -> None:
        from jinja2 import DictLoader

        self.theme: Theme = folders.theme()
        self._folders = folders
        self._head_css, html = self._styled(cache)
        texts = {name: folders.read(name) for name in folders.names(".txt.j2")}
        self._html = _sandbox(loader=DictLoader(html), autoescape=True)
        # Text has nothing to escape.
        self._text = _sandbox(loader=DictLoader(texts), autoescape=False)
        self._html.filters["isolated"] = _isolated_html
        self._text.filters["isolated"] = plain_text.isolated
        self._text.filters["wrapped"] = plain_text.wrapped
        self._text.filters["underlined"] = plain_text.underlined

    def _styled(self, cache: Path | None) -> tuple[str, dict[str, str]]:
        """The style sheet that stays in the head, and the HTML templates with the other inlined."""
        head_css = "\n".join(line for line in self._css("head.css.j2").splitlines() if line)
        rules = self._css("inline.css.j2")
        sources = {name: self._folders.read(name) for name in self._folders.names(".html.j2")}
        inlined = inlined_cache.load_or_inline(
            cache,
            sources,
            rules,
            lambda: inline_css(sources, shell=_SHELL, hole=_HOLE, css=rules, engine=_premailer),
            maker=Path(__file__),
        )
        return head_css, {
            name: _without_spent_classes(html, head_css) for name, html in inlined.items()
        }

    def _css(self, name: str) -> str:
        """A style sheet in the theme's colours and fonts."""
        from digest.mail.sandbox import TEMPLATE_ERRORS

        theme = {"light": self.theme.light, "dark": self.theme.dark, "fonts": self.theme.fonts}
        try:
            return _sandbox(autoescape=False).from_string(self._folders.read(name)).render(theme)
        except TEMPLATE_ERRORS as error:
            raise _template_error(error, self._folders, name) from error

    def fragment(self, name: str, /, **values: object) -> Fragment:
        """Fill the template ``name``, as HTML and as text. ``Markup`` values go in unescaped."""
        return {
            "html": _tidy(self._fill(self._html, f"{name}.html.j2", values)) + "\n",
            "text": self._fill(self._text, f"{name}.txt.j2", values),
        }

    def page(self, form: str, /, **values: object) -> str:
        """Fill the whole page of that form around ``content`` and ``footer``."""
        from markupsafe import Markup

        if form == "text":
            return self._fill(self._text, "shell.txt.j2", values)
        rendered = {"head_css": self._head_css} | {n: values[n] for n in ("content", "footer")}
        ready = values | {n: Markup(html) for n, html in rendered.items()}  # noqa: S704 - by us
        return _tidy(self._fill(self._html, _SHELL, ready)) + "\n"

    def _fill(self, environment: Environment, name: str, values: Mapping[str, object]) -> str:
        from digest.mail.sandbox import TEMPLATE_ERRORS

        try:
            return environment.get_template(name).render(values)
        except TEMPLATE_ERRORS as error:
            raise _template_error(error, self._folders, name) from error


def _sandbox(**settings: Any) -> Sandbox:
    from jinja2 import StrictUndefined

    from digest.mail.sandbox import Sandbox

    return Sandbox(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **settings,
    )


def _isolated_html(text: str) -> Any:
    """Text that runs from right to left, kept from turning what follows it round.

    A span with ``dir``, because Gmail and Outlook drop ``<bdi>``.
    """
    from markupsafe import Markup

    if not plain_text.has_right_to_left(text):
        return text
    return Markup('<span dir="auto">{}</span>').format(text)


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


def _template_error(error: Exception, folders: TemplateFolders, name: str) -> ConfigurationError:
    """Turn the error into one line with the template and, if it is known, the line."""
    from jinja2 import TemplateSyntaxError

    from digest.mail.sandbox import describe_error

    line = f":{error.lineno}" if isinstance(error, TemplateSyntaxError) else ""
    return ConfigurationError(
        f"the template does not work ({describe_error(error)})", where=f"{folders.path(name)}{line}"
    )
