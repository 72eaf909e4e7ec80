"""A body's own words, with quotes and their headings apart, in the markup of many programs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.document import parse
from crawler.post import Quote
from crawler.words import Words, read_words

VB3_QUOTE = (
    '<div style="margin:20px; margin-top:5px; "><div class="smallfont" style="margin-bottom:2px">{caption}</div>'
    '<table><tr><td class="alt2" style="border:1px inset">{words}</td></tr></table></div>'
)


def words(html: str) -> Words:
    body = parse(f"<div id=body>{html}</div>").first("#body")
    assert body is not None
    return read_words(body)


@pytest.mark.parametrize(
    ("html", "quote"),
    [
        ("<blockquote><cite>marlow wrote:</cite>hi</blockquote>", Quote("marlow", "hi")),
        ("<blockquote><cite>Alter Reiher hat geschrieben:</cite>hi</blockquote>", Quote("Alter Reiher", "hi")),
        ("<blockquote><cite>Éloïse a écrit : ↑</cite>hi</blockquote>", Quote("Éloïse", "hi")),
        ('<blockquote cite="./viewtopic.php?p=7#p7"><div>hi</div></blockquote>', Quote(None, "hi", "7")),
        ('<blockquote data-source="post: 12" data-quote="Юлия">hi</blockquote>', Quote("Юлия", "hi", "12")),
        ("<blockquote><cite>Quote:</cite>hi</blockquote>", Quote(None, "hi")),
        (
            '<blockquote><cite><a href="/index.php?msg=9">Citation de: X le Y le 3 août 2026</a></cite>hi</blockquote>',
            Quote("X le Y", "hi", "9"),
        ),
        (
            '<div class="quotetitle"><b>Zitat:</b></div><div class="quotecontent">hi'
            '<div class="quotetitle">kite wrote:</div><div class="quotecontent">inner</div></div>',
            Quote(None, "hi"),
        ),
        (
            '<div class="quotebox"><blockquote><div><div class="quotebox"><cite>kite wrote:</cite>'
            "<blockquote>inner</blockquote></div><p>hi</p></div></blockquote></div>",
            Quote(None, "hi"),
        ),
        (VB3_QUOTE.format(caption="Цитата:", words="<b>bold</b> hi"), Quote(None, "bold hi")),
        (
            VB3_QUOTE.format(
                caption="Zitat:",
                words='<div>Zitat von <strong>marlow</strong> <a href="?p=5#post5"></a></div><div>hi</div>',
            ),
            Quote("marlow", "hi", "5"),
        ),
    ],
)
def test_a_quote_names_whom_and_what_it_quotes_and_leaves_inner_quotes_out(html: str, quote: Quote) -> None:
    found = words(f"before{html}after")
    assert (found.text, found.quotes) == ("before\nafter", (quote,))


@pytest.mark.parametrize(
    "html",
    [
        '<dl class="codebox"><dt>Code: <a href="#">all</a></dt><dd><code>a<br />&nbsp; b</code></dd></dl>',
        '<div class="codebox"><p>Code:</p><pre><code>a\n  b</code></pre></div>',
        '<div class="codetitle"><b>Code:</b></div><div class="codecontent">a<br />&nbsp; b</div>',
        '<div class="codeblock"><div class="title">Code:</div><div><code>a<br />\n&nbsp; b</code></div></div>',
        '<div class="codeheader">Code: <a>[Select]</a></div><code class="bbc_code">a<br />&nbsp; b</code>',
        '<div class="codebox"><div class="incqbox"><h4>Code:</h4><pre>a\n  b</pre></div></div>',
        '<div style="margin:20px; margin-top:5px"><div class="smallfont">Code:</div><pre>a\n  b</pre></div>',
        '<div class="bbcode_container"><div class="bbcode_description">Code:</div><pre>a\n  b</pre></div>',
    ],
)
def test_code_keeps_its_lines_and_indents_and_loses_its_caption(html: str) -> None:
    assert words(f"before{html}after").text == "before\na\n  b\nafter"


@given(st.lists(st.sampled_from(["<blockquote>", "</blockquote>", '<div class="quotebox">', "</div>", "<cite>", "x "])))
def test_any_nesting_of_quotes_is_read_and_nothing_is_said_twice(parts: list[str]) -> None:
    found = words("".join(parts))
    said = found.text + "".join(quote.text + (quote.author or "") for quote in found.quotes)
    assert said.count("x") <= parts.count("x ")
