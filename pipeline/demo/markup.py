"""The notation of demo posts, and the HTML a phpBB forum makes of it.

Lines are lines. "- " starts a list item; lines of three backticks enclose code. Within a line: [b]bold[/b],
[url=ADDRESS]words[/url], [img]ADDRESS[/img], bare http(s) addresses, and the smilies :) ;) :D, shown as pictures.
"""

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby

_INLINE = re.compile(
    r"\[url=(?P<href>[^\]]+)\](?P<label>.*?)\[/url\]"
    r"|\[img\](?P<img>.*?)\[/img\]"
    r"|\[b\](?P<bold>.*?)\[/b\]"
    r"|(?P<bare>https?://[^\s,)]+)"
    r"|(?P<smiley>:\)|;\)|:D)"
)
_SMILIES = {":)": "e_smile", ";)": "e_wink", ":D": "e_biggrin"}
_FENCE = "```"


def to_html(markup: str) -> str:
    """The inner HTML of a post's `div.content`."""
    return "<br>\n".join(_block_html(kind, lines) for kind, lines in _blocks(markup))


def plain_text(markup: str) -> str:
    """The words a reader sees, one line per line or list item; pictures leave nothing."""
    lines = (line for _, block in _blocks(markup) for line in block)
    return "\n".join(" ".join(_INLINE.sub(_words, line).split()) for line in lines if line.strip())


def _blocks(markup: str) -> Iterator[tuple[str, list[str]]]:
    """Runs of lines of one kind: "text", "list" or "code"; the marks themselves are taken off."""
    for kind, run in groupby(_marked(markup), key=lambda marked: marked[0]):
        yield kind, [line for _, line in run]


def _marked(markup: str) -> Iterator[tuple[str, str]]:
    in_code = False
    for line in markup.splitlines():
        if line.strip() == _FENCE:
            in_code = not in_code
        elif in_code:
            yield "code", line
        elif line.startswith("- "):
            yield "list", line[2:]
        else:
            yield "text", line


def _block_html(kind: str, lines: list[str]) -> str:
    if kind == "code":
        code = escape("\n".join(lines))
        return f'<div class="codebox"><p>Code: <a href="#">Select all</a></p><pre><code>{code}</code></pre></div>'
    rendered = [_line_html(line) for line in lines]
    if kind == "list":
        return "<ul>" + "".join(f"<li>{line}</li>" for line in rendered) + "</ul>"
    return "<br>\n".join(rendered)


def _line_html(line: str) -> str:
    parts, end = [], 0
    for match in _INLINE.finditer(line):
        parts += [escape(line[end : match.start()]), _inline_html(match)]
        end = match.end()
    return "".join([*parts, escape(line[end:])])


def _inline_html(match: re.Match[str]) -> str:
    part = {name: escape(value) for name, value in match.groupdict().items() if value is not None}
    if "smiley" in part:
        name = _SMILIES[match["smiley"]]
        return f'<img class="smilies" src="./images/smilies/icon_{name}.gif" width="15" height="17" alt="{name}">'
    if "img" in part:
        return f'<img src="{part["img"]}" class="postimage" alt="Image">'
    if "bold" in part:
        return f'<strong class="text-strong">{part["bold"]}</strong>'
    href = part.get("href", part.get("bare", ""))
    return f'<a href="{href}" class="postlink">{part.get("label", href)}</a>'


def _words(match: re.Match[str]) -> str:
    return match["label"] or match["bold"] or match["bare"] or ""
