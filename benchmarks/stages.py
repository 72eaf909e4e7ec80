"""The stages of the line that cost most, each beside the simple way to do the same."""

import tomllib
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from parsel import Selector
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline

from benchmarks.harness import Result, compare
from crawler.engines.engine import Context
from crawler.reading import read_page
from nlp.assessment import Text
from nlp.classifier import Classifier
from nlp.corpus.dataset import load
from nlp.features import normalizer
from pipeline.demo.pages import Pages
from pipeline.demo.posts.loader import load as load_posts


def results() -> list[Result]:
    """Every comparison."""
    return [_extraction(), _normalization(), _classification()]


def _extraction() -> Result:
    """Posts of a thread page of 10, against parsel with CSS and XPath for the same fields."""
    html = Pages(load_posts(), "s").page("/viewtopic.php?t=1") or ""
    body, context = html.encode(), Context("http://forum.test/viewtopic.php?t=1", datetime.now(UTC), "bench")

    def ours() -> None:
        for _ in range(20):
            read_page(body, "text/html; charset=utf-8", context, "phpbb")

    def parsel() -> None:
        for _ in range(20):
            for post in Selector(text=html).css("div.post"):
                post.attrib.get("id")
                post.css(".author .username::text, .author a::text").getall()
                post.css("time::attr(datetime)").get()
                post.xpath(".//div[@class='content']//text()[not(ancestor::blockquote)]").getall()
                post.xpath(".//blockquote//text()").getall()

    return compare("page → posts, all checks", ours, parsel, "parsel, the same fields, no checks", 1.0)


def _normalization() -> Result:
    """Posts of 500 characters, one in ten not ASCII, against folding one character after the other in Python."""
    twins = tomllib.loads((files("nlp.normalize") / "confusables.toml").read_text(encoding="utf-8"))
    look_alike = dict(zip(twins["characters"], twins["letters"], strict=True))
    texts = [example.text for example in load()]
    posts = [*_posts(filter(str.isascii, texts))[:900], *_posts(text for text in texts if not text.isascii())[:100]]
    normalize = normalizer()

    def ours() -> None:
        for post in posts:
            normalize(post)

    def by_character() -> None:
        for post in posts:
            parts = [part for char in post for part in unicodedata.normalize("NFKD", char).casefold()]
            "".join(look_alike.get(part, part) for part in parts if unicodedata.category(part) not in ("Cf", "Mn"))

    return compare("text → readable form, disguised words undone", ours, by_character, "folding by character", 5.0)


def _posts(texts: Iterable[str]) -> list[str]:
    """All texts joined, and cut into pieces of 500 characters."""
    text = " ".join(texts)
    return [text[start : start + 500] for start in range(0, len(text) - 499, 500)]


def _classification() -> Result:
    """Corpus texts judged with kinds, evidence and language, against scikit-learn's TF-IDF and logistic regression."""
    examples = load()
    classifier = Classifier.load()
    union = FeatureUnion(
        [
            ("word", TfidfVectorizer(ngram_range=(1, 2))),
            ("char", TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5))),
        ]
    )
    simple: Any = make_pipeline(union, LogisticRegression(max_iter=300))
    simple.fit([e.text for e in examples], [e.label for e in examples])
    texts = [Text(e.text, e.title) for e in examples][:1_000]
    plain = [text.text for text in texts]
    return compare(
        "text → assessment with evidence",
        lambda: classifier.assess(texts),
        lambda: simple.predict_proba(plain),
        "TF-IDF (word, char) and logistic regression, score only",
        1.0,
    )
