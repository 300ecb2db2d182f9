"""The templates of the pages, in the operator's own folder or the shipped one."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from traceback import walk_tb

from jinja2 import FileSystemLoader, StrictUndefined, TemplateSyntaxError, select_autoescape

from digest.errors import ConfigurationError
from digest.mail import plain_text
from digest.mail.list_identity import ListIdentity
from digest.mail.sandbox import (
    TEMPLATE_ERRORS,
    Sandbox,
    describe_error,
    find_private_access,
)
from digest.mail.templates import (
    TemplateFolders,
    shipped_templates,
)
from digest.model import SignUpMode, SignUpRule

FORM_TOKEN = f"form-token-{secrets.token_hex(16)}"
"""Stands in a rendered page where each answer has a fresh form token. Nobody else can write it."""

ANYBODY = SignUpRule()


class PageTemplates:
    """Compiled templates, and the style sheet under a name that changes with its content.

    Colours and fonts are those of the mail's theme. Raises `digest.errors.ConfigurationError`
    naming file and line.
    """

    def __init__(
        self,
        own: Path | None,
        list_identity: ListIdentity,
        at: str = "",
        rule: SignUpRule = ANYBODY,
    ) -> None:
        folders = [folder / "web" for folder in (own, shipped_templates()) if folder is not None]
        theme = TemplateFolders(own).theme()
        self._loader = FileSystemLoader(folders)
        self._environment = Sandbox(
            loader=self._loader,
            autoescape=select_autoescape(("html.j2", "xml.j2", "svg.j2")),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        list_name = plain_text.clean(list_identity.list_name)
        self._environment.globals.update(
            at=at,
            has_reading_lists=list_identity.has_reading_lists,
            list_name=list_name,
            logo=plain_text.clean(theme.brand["logo"]) or list_name,
            brand_footer=plain_text.clean(theme.brand["footer"]),
            postal_address=plain_text.clean(list_identity.postal_address),
            language=list_identity.language,
            light=theme.light,
            dark=theme.dark,
            fonts=theme.fonts,
            form_token=FORM_TOKEN,
            here="",
            **_sign_up_values(rule),
        )
        self.style = self.render("style.css.j2").encode()
        stamp = hashlib.sha256(self.style).hexdigest()[:12]
        self.style_name = f"style-{stamp}.css"
        self.icon = self.render("favicon.svg.j2").encode()
        self._environment.globals["style_path"] = f"{at}/{self.style_name}"

    def render(self, name: str, /, **values: object) -> str:
        """The template filled."""
        try:
            return self._environment.get_template(name).render(values)
        except TEMPLATE_ERRORS as error:
            raise self._faulty(error, name) from error

    def check(self) -> int:
        """Compile every template; how many there are."""
        names = self._environment.list_templates(extensions=["j2"])
        for name in names:
            try:
                self._environment.get_template(name)
                source, path, _ = self._loader.get_source(self._environment, name)
                private = find_private_access(self._environment, source)
            except TEMPLATE_ERRORS as error:
                raise self._faulty(error, name) from error
            if private is not None:
                line, what = private
                raise ConfigurationError(
                    f"the template does not work ({what!r} is private to Python)",
                    where=f"{path}:{line}",
                )
        return len(names)

    def _faulty(self, error: Exception, name: str) -> ConfigurationError:
        """Turn the error into one line with the file and the line, of an included template too."""
        where = name
        if isinstance(error, TemplateSyntaxError):
            where = f"{error.filename or name}:{error.lineno}"
        else:
            for frame, line in walk_tb(error.__traceback__):
                if frame.f_code.co_filename.endswith(".j2"):
                    where = f"{frame.f_code.co_filename}:{line}"
        return ConfigurationError(
            f"the template does not work ({describe_error(error)})", where=where
        )


def _sign_up_values(rule: SignUpRule) -> dict[str, object]:
    """The values by which pages offer the form; who was invited has a link of their own to it."""
    return {
        "bare": False,
        "closed": rule.mode is SignUpMode.CLOSED,
        "boxed": rule.mode in (SignUpMode.OPEN, SignUpMode.DOMAINS),
        "sign_up_for": rule.public,
    }
