"""One page that shows a mail as its readers will meet it, before any of them does.

On a phone and on a desktop, light and dark, beside the text part, the headers and the inbox line,
with its size against the limit at which Gmail cuts a mail off. The page is one file without
scripts; the mail stands in sandboxed frames, where nothing in it can run.
"""

from __future__ import annotations

import email
import email.policy
import re
from datetime import datetime
from html import escape

from digest.mail.plain_text import counted

_CLIP = 102 * 1024
"""Gmail shows about 102 kB of a message's HTML and hides the rest behind a link."""
_DARK = re.compile(r"@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)")
_SCHEMES = re.compile(r"(color-scheme\"\s+content=\"|color-scheme:\s*)light dark")
_PREHEADER = re.compile(r'<div style="display:none[^>]*>(.*?)</div>', re.DOTALL)
_TALL = 760

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Preview: {subject}</title>
<style>
:root {{ color-scheme: light dark; --ink: #1b2330; --soft: #545e6e; --page: #f4f5f8; --card: #fff;
  --rule: #d5dae2; --good: #0b6b4b; --bad: #b3261e }}
@media (prefers-color-scheme: dark) {{ :root {{ --ink: #e7ebf1; --soft: #a9b3c2; --page: #0d1117;
  --card: #161c26; --rule: #303a49; --good: #5fd3a4; --bad: #ff8a80 }} }}
* {{ box-sizing: border-box }}
body {{ margin: 0; padding: 24px; background: var(--page); color: var(--ink);
  font: 16px/1.5 -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif }}
h1, h2 {{ font-family: Georgia, serif; margin: 0 0 8px }}
h1 {{ font-size: 22px }} h2 {{ font-size: 18px }}
section {{ margin: 0 0 28px }}
.inbox {{ max-width: 760px; background: var(--card); border: 1px solid var(--rule);
  border-radius: 8px; padding: 14px 18px; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis }}
.inbox b {{ margin-right: 14px }} .inbox span {{ color: var(--soft) }}
.facts {{ list-style: none; margin: 12px 0 0; padding: 0; color: var(--soft) }}
.facts b {{ color: var(--good) }} .facts b.over {{ color: var(--bad) }}
.frames {{ display: flex; flex-wrap: wrap; gap: 20px; align-items: flex-start }}
figure {{ margin: 0 }} figcaption {{ color: var(--soft); margin: 0 0 6px }}
iframe {{ border: 1px solid var(--rule); border-radius: 8px; background: #fff; display: block;
  max-width: 100% }}
pre {{ background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 16px;
  margin: 0; overflow: auto; max-height: {tall}px; font-size: 14px }}
.text {{ width: 660px; max-width: 100% }} .headers {{ flex: 1 1 420px }}
</style>
</head>
<body>
<section><h1>In the inbox</h1>
<p class="inbox"><b>{sender}</b>{subject} <span>&ndash; {preheader}</span></p>
<ul class="facts">{facts}</ul></section>
{frames}
<section><h1>Text and headers</h1><div class="frames">
<pre class="text" dir="ltr" tabindex="0" aria-label="Text part">{text}</pre>
<pre class="headers" tabindex="0" aria-label="Headers">{headers}</pre></div></section>
</body>
</html>
"""


def preview_page(message: bytes, *, expires: datetime | None = None) -> str:
    """The page for a mail as it would be sent. ``expires`` is the last moment sending may start."""
    parsed = email.message_from_bytes(message, policy=email.policy.default)
    text = html = ""
    for part in parsed.walk():
        if part.get_content_type() == "text/plain":
            text = part.get_content()
        elif part.get_content_type() == "text/html":
            html = part.get_content()
    head = message.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    hidden = _PREHEADER.search(html)
    sender = parsed["From"].addresses[0]
    return _PAGE.format(
        subject=escape(str(parsed["Subject"])),
        sender=escape(sender.display_name or sender.addr_spec),
        preheader=hidden.group(1) if hidden else escape(" ".join(text.split())[:100]),
        facts="".join(
            f"<li>{fact}</li>" for fact in _facts(str(parsed["Subject"]), html, text, expires)
        ),
        frames=_frames(html) if html else "",
        text=escape(text),
        headers=escape(head),
        tall=_TALL,
    )


def in_colour_scheme(html: str, scheme: str) -> str:
    """The mail as a client in that scheme (``light`` or ``dark``) shows it.

    A frame takes the viewer's own scheme, so the copy's media query is answered beforehand.
    """
    query = "@media all" if scheme == "dark" else "@media not all"
    return _SCHEMES.sub(lambda match: f"{match[1]}{scheme}", _DARK.sub(query, html))


def _facts(subject: str, html: str, text: str, expires: datetime | None) -> list[str]:
    facts = [f"Subject: {counted(len(subject), 'character')}"]
    if html:
        size = len(html.encode("utf-8"))
        over = ' class="over"' if size > _CLIP else ""
        facts.append(
            f"HTML: <b{over}>{size / 1000:.1f} kB</b>, {size / _CLIP:.0%} of the "
            f"{_CLIP / 1000:.0f} kB at which Gmail cuts a mail off"
        )
    else:
        facts.append("No HTML part: this reader wants text")
    longest = max((len(line) for line in text.splitlines() if "://" not in line), default=0)
    facts.append(f"Text: {len(text.encode('utf-8')) / 1000:.1f} kB, lines up to {longest} columns")
    if expires is not None:
        facts.append(f"Sending may start until {expires:%Y-%m-%d %H:%M} UTC")
    return facts


def _frames(html: str) -> str:
    sections = []
    for name, width in (("Phone", 360), ("Desktop", 760)):
        figures = "".join(
            f"<figure><figcaption>{name}, {scheme}, {width} px</figcaption>"
            f'<iframe title="{name}, {scheme}" width="{width}" height="{_TALL}" sandbox '
            f'srcdoc="{escape(in_colour_scheme(html, scheme))}"></iframe></figure>'
            for scheme in ("light", "dark")
        )
        sections.append(f'<section><h1>{name}</h1><div class="frames">{figures}</div></section>')
    return "\n".join(sections)
