"""The stages of the line that cost most, each beside the usual way to do the same; posts have 500 characters."""

import random
import re
import tomllib
import unicodedata
from collections import defaultdict
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files

import numpy as np
import spacy
from numpy.typing import ArrayLike
from parsel import Selector
from py3langid.langid import LanguageIdentifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from spacy.matcher import PhraseMatcher
from spacy.training import Example as Training

from benchmarks.harness import Result, compare
from benchmarks.posts import cut
from crawler.engines.engine import Context
from crawler.reading import read_page
from nlp.assessment import Text
from nlp.classifier import Classifier
from nlp.corpus.dataset import load
from nlp.features import normalizer
from nlp.language import LANGUAGES, identify
from nlp.lexicon import Lexicon
from nlp.normalize import fold
from nlp.tokens import tokens
from pipeline.demo.pages import Pages
from pipeline.demo.posts.loader import load as load_posts

BATCH = 200
_WORD = re.compile(r"[^\W\d_\u0590-\uffff]+")  # of scripts that part words: both sides then find the same


def results() -> list[Result]:
    """Every comparison."""
    return [_extraction(), _normalization(), _lexicon(), _language(), _first_stage(), _bag_of_words()]


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
    """Posts of which one in ten isn't ASCII, against folding one character after the other in Python."""
    twins = tomllib.loads((files("nlp.normalize") / "confusables.toml").read_text(encoding="utf-8"))
    look_alike = dict(zip(twins["characters"], twins["letters"], strict=True))
    texts = [example.text for example in load()]
    posts = cut([text for text in texts if text.isascii()], 900) + cut([t for t in texts if not t.isascii()], 100)
    normalize = normalizer()

    def ours() -> None:
        for post in posts:
            normalize(post)

    def by_character() -> None:
        for post in posts:
            parts = [part for char in post for part in unicodedata.normalize("NFKD", char).casefold()]
            "".join(look_alike.get(part, part) for part in parts if unicodedata.category(part) not in ("Cf", "Mn"))

    return compare("text → readable form, disguised words undone", ours, by_character, "folding by character", 5.0)


def _lexicon() -> Result:
    """Where 5,000 phrases stand in posts of all languages, cutting into tokens included on both sides."""
    texts = [fold(example.text) for example in load()]
    words, rng = sorted({word for text in texts for word in _WORD.findall(text)}), random.Random(1)
    phrases = sorted({" ".join(rng.choices(words, k=rng.randint(1, 3))) for _ in range(5_100)})[:5_000]
    posts = cut(texts, 1_000)
    lexicon = Lexicon({"phrase": phrases})
    language = spacy.blank("xx")
    matcher = PhraseMatcher(language.vocab, attr="LOWER")
    matcher.add("phrase", [language.make_doc(phrase) for phrase in phrases])

    def ours() -> None:
        for start in range(0, len(posts), BATCH):
            lexicon.find_many(tokens(posts[start : start + BATCH]))

    return compare(
        "5,000 phrases",
        ours,
        lambda: [matcher(language.make_doc(post)) for post in posts],
        "spaCy tokenizer and PhraseMatcher",
        30.0,
    )


def _language() -> Result:
    """Held-out posts in ten languages, as many of each, each in the words of one writer."""
    by_writer: dict[tuple[str, str], list[str]] = defaultdict(list)
    for example in load():
        if example.split == "test":
            by_writer[example.language, example.author].append(example.text)
    languages = sorted({language for language, _ in by_writer})
    posts = []
    for language in languages:
        writers = [texts for (own, _), texts in sorted(by_writer.items()) if own == language]
        posts += [post for texts in writers for post in cut(texts, 60 // len(writers))]
    alone = LanguageIdentifier.from_model_file("data/model.npz.xz", norm_probs=True)
    alone.set_languages(LANGUAGES)
    return compare(
        f"language, {len(languages)} of them",
        lambda: [identify(post) for post in posts],
        lambda: [alone.classify(post) for post in posts],
        "py3langid for every post",
        5.0,
    )


def _first_stage() -> Result:
    """The score of each post, against the usual pipeline of scikit-learn trained on the same texts."""
    posts, classifier = cut([example.text for example in load()], 1_000), Classifier.load()
    texts = [Text(post) for post in posts]
    simple = reference()
    return compare(
        "score of a post",
        lambda: classifier.scores(texts),
        lambda: simple.predict_proba(posts),
        "TF-IDF (words 1–2, letters 3–5) and logistic regression",
        8.0,
    )


def _bag_of_words() -> Result:
    """The same against spaCy's fastest text classifier, whose vocabulary has met the posts before."""
    examples = load()
    posts, classifier = cut([example.text for example in examples], 1_000), Classifier.load()
    texts = [Text(post) for post in posts]
    language = spacy.blank("xx")
    bow = {
        "@architectures": "spacy.TextCatBOW.v3",
        "exclusive_classes": True,
        "ngram_size": 2,
        "no_output_layer": False,
    }
    language.add_pipe("textcat", config={"model": bow})
    answers = [{"cats": {"yes": float(e.label), "no": float(not e.label)}} for e in examples[:500]]
    taught = [
        Training.from_dict(language.make_doc(e.text), answer) for e, answer in zip(examples, answers, strict=False)
    ]
    language.initialize(lambda: taught)
    return compare(
        "score of a post",
        lambda: classifier.scores(texts),
        lambda: list(language.pipe(posts, batch_size=256)),
        "spaCy's bag of words (1–2)",
        2.0,
    )


@lru_cache(maxsize=1)
def reference() -> Pipeline:
    """What most would build: scikit-learn's TF-IDF and logistic regression, trained on the corpus' training texts."""
    union = FeatureUnion(
        [
            ("word", TfidfVectorizer(ngram_range=(1, 2))),
            ("char", TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5))),
        ]
    )
    simple = make_pipeline(union, LogisticRegression(max_iter=300))
    taught = [example for example in load() if example.split == "train"]
    return simple.fit([example.text for example in taught], [example.label for example in taught])


def agreement() -> str:
    """How well the two tell held-out corpus texts apart: the best F1 of each over all thresholds."""
    held = [example for example in load() if example.split == "test"]
    labels = [example.label for example in held]
    scores = Classifier.load().scores([Text(example.text, example.title) for example in held])
    plain = reference().predict_proba([example.text for example in held])[:, 1]
    ours, theirs = (_best_f1(labels, found) for found in (scores, plain))
    return f"Best F1 on {len(held):,} held-out corpus texts: {ours:.3f}, that of the TF-IDF reference {theirs:.3f}."


def _best_f1(labels: list[int], scores: ArrayLike) -> float:
    precision, recall, _ = precision_recall_curve(labels, scores)
    return float(np.max(2 * precision * recall / np.maximum(precision + recall, 1e-12)))
