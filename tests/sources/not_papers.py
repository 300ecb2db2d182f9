"""What people save by mistake instead of a papers page, beside what it seems to be."""

from __future__ import annotations

import inspect
import json
import textwrap
from pathlib import Path

HERE = Path(__file__).parents[2]
STORY = (
    "He had kept the light for thirty years, and the sea had never once asked him his name. It came "
    "and went as it pleased, in grey and in green, and on the worst of nights it looked in."
)
NOT_PAPERS: dict[str, str] = {
    "an error page": (
        "404 Not Found\n\nThe page you are looking for does not exist. It may have been moved, or "
        "removed altogether; go back to the start of the site and try again from there.\n\n"
        "Contact support\n\nIf you think this is a mistake, tell our support team which page you "
        "were trying to reach, and what you did before you came here."
    ),
    "a page that asks whether you are human": (
        "<!doctype html><html><body><h1>papers.example.org</h1><h2>Verify you are human by completing "
        "the action below.</h2><p>The site needs to review the security of your connection before "
        "proceeding.</p></body></html>"
    ),
    "a login page": (
        "<!doctype html><html><body><h1>Log In</h1><p>Don't have an account? Sign Up</p><p>Username or "
        "Email address</p><p>SSO is available for companies that have a plan, please ask your "
        "administrator.</p><a href='/x'>Forgot your password?</a></body></html>"
    ),
    "a log": "\n".join(
        f"2026-11-20 09:41:{n:02},310 INFO worker.{n % 4}: request {n} took {n * 7} ms, status 200"
        for n in range(40)
    ),
    "program code": inspect.getsource(textwrap),
    "running text": "\n\n".join(f"Chapter {name}\n\n{STORY}" for name in ("One", "Two", "Three")),
    "a licence": (HERE / "LICENSE").read_text("utf-8"),
    "an installation guide or a manual": (
        "# Installing the thing\n\n## Requirements\n\nYou need a database and the build tools, because "
        "some packages come without wheels for older machines.\n\n## Installation\n\nClone the "
        "repository, run `pip install thing`, and wait until your command returns.\n\n## Usage\n\n"
        "Set the options in the file, then run the server and open your browser at its page."
    ),
}

_REPORTER = "Pat Reporter"
_COUNCIL = (
    "The council met on Tuesday to decide whether the bridge over the river should be repaired before "
    "winter, or be closed to lorries until the money is found."
)
_NEWS = [
    {
        "author": _REPORTER,
        "title": f"Council votes on bridge number {number}",
        "description": _COUNCIL,
        "url": f"https://news.example.org/{number}",
        "publishedAt": "2026-11-19T10:00:00Z",
    }
    for number in range(20)
]
_ITEM = (
    "<item><title>{title}</title><link>{url}</link><description>{description}</description></item>"
)
SHORT_LISTS: dict[str, tuple[str, ...]] = {
    "things to do": (
        "Train the new model on the larger dataset",
        "Fix the evaluation script of the benchmark",
        "Review what Bo wrote on attention",
        "Run the baseline experiments again",
        "Update the segmentation figures",
    ),
    "changes of a program": (
        "Added attention masks to the decoder",
        "Fixed gradient clipping for the transformer",
        "Faster embedding lookup in the encoder",
        "Improved sampling in the diffusion decoder",
    ),
    "jobs": (
        "Machine Learning Engineer for Computer Vision",
        "Postdoc in Quantum Optimization",
        "Internship on Robot Navigation",
        "Research Scientist in Reinforcement Learning",
    ),
    "a menu": (
        "Grilled Salmon with Lemon Butter",
        "Roast Chicken and Potatoes",
        "Tomato Soup with Basil",
        "Apple Pie with Cream",
    ),
    "shopping": (
        "Two litres of milk",
        "Brown bread and butter",
        "Eggs: a dozen",
        "Apples and pears",
    ),
    "songs": (
        "Deep in the Valley",
        "Learning to Fly Again",
        "The Sound of Trains",
        "Vision of the Night",
    ),
}
OTHER_LISTS: dict[str, tuple[str, str]] = {
    "news as an array": (json.dumps(_NEWS), "JSON of something else"),
    "news as JSON lines": ("\n".join(map(json.dumps, _NEWS)), "JSON lines of something else"),
    "news as a feed": (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Town News</title>'
        + "".join(_ITEM.format_map(article) for article in _NEWS)
        + "</channel></rss>",
        "a feed of something else",
    ),
    "models of an API": (
        json.dumps([{"id": f"quarry/stone-{n}", "likes": n, "tags": ["wood"]} for n in range(20)]),
        "JSON, but not of papers",
    ),
    "an API's refusal": ('{"error": "We had to rate limit you. Log in."}', "JSON"),
    "things for sale": (
        "id,title,description,price\n"
        + "".join(
            f'{n},Steel kettle {n},"A kettle of brushed steel that holds two litres of water.",{n}.99\n'
            for n in range(20)
        ),
        "a table of something else",
    ),
    "tickets": (
        "id,title,author,date\n"
        + "".join(f"{n},Printer {n} is out of paper again,Pat,2026-11-09\n" for n in range(20)),
        "a table of something else",
    ),
    "books on cooking": (
        "\n".join(
            f"@book{{b{n},\n  title = {{Cooking for winter evenings, volume {n}}},\n"
            "  author = {Smith, Pat},\n  year = {2020}\n}"
            for n in range(20)
        ),
        "BibTeX of something else",
    ),
    "paper for sale": (
        "\n\n".join(
            f"Recycled paper for offices, pack {n}\nhttps://shop.example.org/p/{n}\n"
            "Our recycled paper comes in packs of five hundred sheets, and is at your door tomorrow "
            "morning if you order before six."
            for n in range(20)
        ),
        "not a list of papers",
    ),
    "a login form": (
        "<!doctype html><html><body><main><h1>Sign in to Papers</h1><form><label>Email</label>"
        "<label>Password</label><a href='/reset'>Forgot password?</a><button>Sign in</button></form>"
        "<p>New here? <a href='/join'>Create an account</a></p><p>By signing in you agree to our "
        "terms and acknowledge that our policy describes how we handle the data you give us.</p>"
        "</main></body></html>",
        "a login page",
    ),
}
