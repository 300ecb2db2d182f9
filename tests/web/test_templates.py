"""The operator's own templates of pages: what one may do, and what is said of one that may not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mail.test_templates import HOSTILE
from web.site_fixture import RunningSite

from digest.errors import ConfigurationError
from digest.mail.list_identity import ListIdentity
from digest.web.templates import PageTemplates

LETTERHEAD = ListIdentity("Daily Papers", "papers@example.org", "https://papers.example.org")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder of the operator's own, with nothing in it yet."""
    (tmp_path / "web").mkdir()
    return tmp_path


def test_the_shipped_templates_ask_for_nothing_private() -> None:
    assert PageTemplates(None, LETTERHEAD).check() > 10


@pytest.mark.parametrize("source", HOSTILE)
def test_a_page_that_reaches_out_of_its_box_is_refused_with_file_and_line(
    own: Path, source: str
) -> None:
    path = own / "web" / "search.html.j2"
    path.write_text("{# mine #}\n" + source)
    with pytest.raises(ConfigurationError, match=re.escape(f"{path}:2")) as caught:
        PageTemplates(own, LETTERHEAD).render("search.html.j2")
    assert "a@b" not in str(caught.value)


@pytest.mark.parametrize(
    "source", ["{{ ''.__class__.__mro__ }}", "{{ x['__class__'] }}", "{{ y._z }}"]
)
def test_what_is_private_is_found_before_anybody_asks_for_the_page(own: Path, source: str) -> None:
    path = own / "web" / "search.html.j2"
    path.write_text(f"{{% if false %}}\n{source}\n{{% endif %}}")
    with pytest.raises(ConfigurationError, match=re.escape(f"{path}:2")):
        PageTemplates(own, LETTERHEAD).check()


def test_an_included_template_is_named_itself(own: Path) -> None:
    (own / "web" / "search.html.j2").write_text("{% include 'mine.html.j2' %}")
    path = own / "web" / "mine.html.j2"
    path.write_text("\n\n{{ nothing }}")
    with pytest.raises(ConfigurationError, match=re.escape(f"{path}:3")):
        PageTemplates(own, LETTERHEAD).render("search.html.j2")


def test_a_page_whose_template_does_not_work_is_one_line_in_the_log(
    own: Path, caplog: pytest.LogCaptureFixture, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = own / "web" / "search.html.j2"
    path.write_text("{{ range(10 ** 3 * 1000) }}")
    running_site = RunningSite(tmp_path_factory.mktemp("place"), templates=own)
    assert running_site.visitor.get("/search?q=x").status_code == 500
    assert f"{path}:1: the template does not work (Range too big" in caplog.text
    assert "Traceback" not in caplog.text
    running_site.close()
