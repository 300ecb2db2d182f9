"""Templates and theme: what an operator may change, and what is said of a mistake."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from mail.sample_editions import (
    LIST,
    PUBLISHED,
    edition,
    general_selection,
    recipient_of,
)

from digest.errors import ConfigurationError
from digest.mail import render, templates
from digest.mail.message import Composer
from digest.mail.render import Renderer
from digest.mail.templates import (
    TemplateFolders,
    shipped_templates,
)
from digest.model import PublishedEdition


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder of the operator's own, with nothing in it yet."""
    (tmp_path / "email").mkdir()
    return tmp_path


def html_with(folder: Path | None) -> str:
    of = edition(8)
    frozen = PublishedEdition(1, of, Renderer(folder).render(of, LIST), PUBLISHED, PUBLISHED)
    return Composer(frozen, LIST).html(general_selection(of), recipient_of())


def test_the_shipped_templates_are_sound() -> None:
    Renderer().check()


def test_every_html_template_has_its_text() -> None:
    names = TemplateFolders().names(".html.j2")
    assert names
    assert {name.replace(".html.", ".txt.") for name in names} == set(
        TemplateFolders().names(".txt.j2")
    )


def test_templates_are_taken_from_an_installed_package_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "digest"
    shutil.copytree(shipped_templates() / "email", package / "_templates" / "email")
    monkeypatch.setattr(templates, "_PACKAGE", package)
    assert shipped_templates() == package / "_templates"
    Renderer().check()


def test_a_package_without_templates_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "_PACKAGE", tmp_path / "digest")
    with pytest.raises(ConfigurationError, match="Install the package again"):
        shipped_templates()


def test_an_own_template_replaces_the_shipped_one_and_the_rest_stays(own: Path) -> None:
    (own / "email" / "footer.html.j2").write_text("<p>Mine, {{ list_name }}</p>")
    html = html_with(own)
    assert "Mine, Daily Papers" in html
    assert "At a glance" in html
    assert Renderer(own).folders == (own / "email", shipped_templates() / "email")


def test_an_own_theme_recolours_the_mail_in_both_schemes(own: Path) -> None:
    (own / "email" / "theme.toml").write_text(
        '[brand]\nlogo = "The <Digest>"\ntagline = "Mornings"\nfooter = "Thank you."\n'
        '[light]\nlink = "#aa0011"\n[dark]\nlink = "#ffaa99"\n'
    )
    html = html_with(own)
    assert "The &lt;Digest&gt;" in html
    assert "Mornings" in html
    assert "Thank you." in html
    assert "color:#a01" in html
    assert "a { color: #ffaa99 !important }" in html
    assert "#1a4fb4" not in html


@pytest.mark.parametrize(
    ("theme", "said"),
    [
        ("[light\n", "cannot be read"),
        ('[light]\nlink = "blue"\n', "light.link is 'blue', not a colour"),
        ('[light]\nlinks = "#000000"\n', "light.links is not part of the theme"),
        ('[colours]\nlink = "#000000"\n', "colours"),
        ("light = 3\n", "light"),
        ("[brand]\nlogo = 3\n", "brand.logo"),
        ('[fonts]\nbody = "Arial;} body{"\n', "fonts.body"),
    ],
)
def test_a_wrong_theme_is_named(own: Path, theme: str, said: str) -> None:
    (own / "email" / "theme.toml").write_text(theme)
    with pytest.raises(ConfigurationError, match=r"theme\.toml") as caught:
        Renderer(own).check()
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("footer.html.j2", "<p>{{ list_name </p>", "footer.html.j2:1"),
        ("footer.html.j2", "<p>{{ list_nam }}</p>", "list_nam"),
        ("footer.txt.j2", "{% if %}", "footer.txt.j2:1"),
        ("footer.txt.j2", "{{ nobody }}", "footer.txt.j2"),
        ("inline.css.j2", "p { color: {{ light.nothing }} }", "inline.css.j2"),
        ("footer.html.j2", "<p>\n<b {{ list_name }}>x</b></p>", "footer.html.j2:2"),
        ("footer.html.j2", '<p style="{{ list_name }}">x</p>', "footer.html.j2"),
        ("shell.html.j2", "<html><body>{{ content }}</body></html>", "shell.html.j2"),
        ("shell.html.j2", "<html><head></head><body></body></html>", "{{ content }}"),
    ],
)
def test_a_broken_template_is_named(own: Path, name: str, source: str, said: str) -> None:
    (own / "email" / name).write_text(source)
    with pytest.raises(ConfigurationError) as caught:
        Renderer(own).check()
    assert said in str(caught.value)


HOSTILE = (
    "{{ ''.__class__.__mro__ }}",
    "{{ ''['__class__'] }}",
    "{{ ''|attr('__class__')|string }}",
    "{{ '{0.__class__}'.format('') }}",
    "{{ self._TemplateReference__context }}",
    "{% for n in range(10**6) %}x{% endfor %}",
    "{% for n in range(1000000) %}x{% endfor %}",
    "{{ 'x' * 10000000000 }}",
    "{{ 10000000000 * 'x' }}",
    "{{ [1] * 10000000000 }}",
    "{{ 9 ** 999999999 }}",
    "{% set x = [] %}{{ x.append(1) }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{{ 1 / 0 }}",
    "{{ 'a@b.example' + 1 }}",
)


@pytest.mark.parametrize("source", HOSTILE)
def test_a_template_that_reaches_out_of_its_box_is_refused_by_name(own: Path, source: str) -> None:
    for name in ("footer.html.j2", "footer.txt.j2", "inline.css.j2"):
        path = own / "email" / name
        path.write_text(source)
        with pytest.raises(ConfigurationError, match=re.escape(str(path))) as caught:
            Renderer(own).check()
        assert "a@b" not in str(caught.value)
        path.unlink()


def test_a_template_that_is_not_text_is_named(own: Path) -> None:
    (own / "email" / "footer.txt.j2").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"footer\.txt\.j2"):
        Renderer(own).check()


def test_a_folder_that_is_not_one_of_templates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such folder"):
        Renderer(tmp_path / "nowhere")
    with pytest.raises(ConfigurationError, match="neither email/ nor web/"):
        Renderer(tmp_path)
    with pytest.raises(ConfigurationError, match="no such template"):
        TemplateFolders().read("nothing.html.j2")


def test_css_is_inlined_once_however_many_mails_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    engine = render._premailer

    def counted(page: str) -> str:
        nonlocal calls
        calls += 1
        return engine(page)

    monkeypatch.setattr(render, "_premailer", counted)
    of = edition(30)
    frozen = PublishedEdition(1, of, Renderer().render(of, LIST), PUBLISHED, PUBLISHED)
    composer = Composer(frozen, LIST)
    mails = {composer.compose(general_selection(of), recipient_of(number)) for number in range(50)}
    assert len(mails) == 50
    assert calls == 1


def test_every_inlined_colour_has_its_dark_counterpart() -> None:
    html = html_with(None)
    style, body = html.split("</style>", 2)[-2:]
    theme = TemplateFolders().theme()
    dark = style[style.index("prefers-color-scheme: dark") :]
    assert set(theme.light) == set(theme.dark)
    for name, colour in theme.dark.items():
        assert colour in dark, name
    assert "supported-color-schemes" in html
    assert body
