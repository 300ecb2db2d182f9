"""Links become badges that say what they lead to; hostile ones do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.links import badges
from digest.model import Link, LinkKind


def found(abstract: str) -> list[tuple[str, str]]:
    return [(link.label, link.url) for link in badges((), abstract)]


@pytest.mark.parametrize(
    ("abstract", "badge"),
    [
        ("Code: https://github.com/a/b.", ("Code", "https://github.com/a/b")),
        ("Code: (http://www.github.com/a/b_c).", ("Code", "https://www.github.com/a/b_c")),
        ("see github.com/a/b, please", ("Code", "https://github.com/a/b")),
        (r"at \url{https://github.com/a/b\_c}.", ("Code", "https://github.com/a/b_c")),
        ("x{https://github.com/a/b}.", ("Code", "https://github.com/a/b")),
        ("https://github.com/a/b.Our method", ("Code", "https://github.com/a/b")),
        ("https://github.com/a/b.The", ("Code", "https://github.com/a/b")),
        ("https://gitlab.com/a/b", ("Code", "https://gitlab.com/a/b")),
        ("https://codeberg.org/a/b", ("Code", "https://codeberg.org/a/b")),
        ("https://bitbucket.org/a/b", ("Code", "https://bitbucket.org/a/b")),
        ("at https://a.github.io/b/.", ("Project page", "https://a.github.io/b/")),
        ("at a.github.io", ("Project page", "https://a.github.io")),
        ("https://huggingface.co/datasets/a/b", ("Data", "https://huggingface.co/datasets/a/b")),
        ("https://zenodo.org/records/1", ("Data", "https://zenodo.org/records/1")),
        ("https://www.kaggle.com/datasets/a", ("Data", "https://www.kaggle.com/datasets/a")),
        ("https://huggingface.co/a/b", ("Model", "https://huggingface.co/a/b")),
        ("https://huggingface.co/spaces/a/b", ("Demo", "https://huggingface.co/spaces/a/b")),
        ("watch https://youtu.be/abc", ("Video", "https://youtu.be/abc")),
        ("The dataset is at https://lab.example.org/x", ("Data", "https://lab.example.org/x")),
        ("Our code is at http://lab.example.org/x", ("Code", "http://lab.example.org/x")),
        ("Demo: https://lab.example.org/x", ("Demo", "https://lab.example.org/x")),
        ("More at https://lab.example.org/x(1)", ("Project page", "https://lab.example.org/x(1)")),
        ("(https://lab.example.org/ü)", ("Project page", "https://lab.example.org/%C3%BC")),
    ],
)
def test_a_link_is_labelled_by_where_it_leads(abstract: str, badge: tuple[str, str]) -> None:
    assert found(abstract) == [badge]


def test_one_badge_of_a_kind_in_a_fixed_order() -> None:
    abstract = (
        "Page: https://a.github.io/p Code: https://github.com/a/b and https://github.com/a/c "
        "Data: https://huggingface.co/datasets/a/d Code again: http://github.com/a/b/"
    )
    assert [label for label, _ in found(abstract)] == ["Code", "Project page", "Data"]
    assert found(abstract)[0][1] == "https://github.com/a/b"


def test_the_sources_own_links_go_first_and_keep_their_kind() -> None:
    own = (
        Link(LinkKind.CODE, "https://lab.example.org/code"),
        Link(LinkKind.PAPER, "https://lab.example.org/paper"),
        Link(LinkKind.OTHER, "https://lab.example.org/other"),
        Link(LinkKind.PROJECT, "https://arxiv.org/abs/2606.01234"),
        Link(LinkKind.OTHER, "https://huggingface.co/spaces/a/b"),
        Link(LinkKind.DATA, "javascript:alert(1)"),
    )
    assert [(link.label, link.url) for link in badges(own, "https://github.com/a/b")] == [
        ("Code", "https://lab.example.org/code"),
        ("Demo", "https://huggingface.co/spaces/a/b"),
    ]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user:pass@lab.example.org/x",
        "https://lab.example.org@evil.example.org/x",
        "https://lab.example.org:8080/x",
        "https://lab.example.org:port/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://[::1]/x",
        "https://[bad/x",
        "https://gíthub.com/a/b",
        "https://github.com/",
        "https://github.com",
        "https://lab.example.org/" + "x" * 400,
        "https://lab.example.org/" + "ü" * 100,
        "https://lab.example.org/a\x00b",
        "https://lab.example.org/a b",
        'https://lab.example.org/"onclick',
        "https://-bad-.example.org/x",
        "https:///x",
        "https://arxiv.org/abs/2606.01234",
    ],
)
def test_a_link_that_nobody_should_follow_is_no_badge(url: str) -> None:
    assert badges((Link(LinkKind.OTHER, url), Link(LinkKind.CODE, url)), "") == ()


def test_an_abstract_without_links_has_no_badges() -> None:
    assert found("We like git hub dot com and e.g. examples.") == []


URLISH = st.lists(
    st.sampled_from(
        ["https://", "http://", "github.com/", "a", ".", "@", ":", "[", "]", "%", "\\", "é"]
    )
    | st.text(max_size=3),
    max_size=12,
).map("".join)


@given(URLISH, URLISH)
def test_whatever_comes_in_what_comes_out_is_a_plain_public_address(own: str, text: str) -> None:
    for link in badges((Link(LinkKind.OTHER, own), Link(LinkKind.CODE, own)), f"code {text} {own}"):
        assert link.url.startswith(("https://", "http://"))
        assert link.url.isascii()
        assert link.url.isprintable()
        assert not set(link.url) & set("\"'<> \\{}`") - {"'"}
        assert "@" not in link.url.split("/")[2]
        assert link.label
