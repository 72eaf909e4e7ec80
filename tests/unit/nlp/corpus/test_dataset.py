"""The corpus is what its data card says, and holds nothing that it must not hold."""

import hashlib
import itertools
import re
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from sklearn.metrics import roc_auc_score

from nlp.corpus import dataset
from nlp.corpus.card import counts
from nlp.corpus.dataset import REMOVED, Example, load
from nlp.taxonomy import ALERTING, METHODS

CARD = Path(__file__).parents[4] / "nlp" / "corpus" / "README.md"
LIKENESS = 0.6
LANGUAGES = {"en", "de", "fr", "es", "pt", "ru", "uk", "tr", "zh", "ar"}
SPLITS = {"train", "test"}


@pytest.fixture(scope="module")
def corpus() -> list[Example]:
    return load()


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Pairs of neighbouring words, in Chinese of characters, bare of case and punctuation; one alone is itself."""
    words = re.findall(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+", text.lower())
    return frozenset(itertools.pairwise(words)) or frozenset({tuple(words)})


def near_duplicates(examples: list[Example]) -> list[tuple[str, str]]:
    """Pairs of ids from different splits whose shingles have a Jaccard likeness of at least LIKENESS."""
    sets = [shingles(e.text) for e in examples]
    seen: dict[tuple[str, ...], list[int]] = defaultdict(list)
    found = []
    for here, own in enumerate(sets):
        shared = Counter(there for shingle in own for there in seen[shingle])
        for there, common in shared.items():
            likeness = common / (len(own) + len(sets[there]) - common)
            if likeness >= LIKENESS and examples[here].split != examples[there].split:
                found.append((examples[there].id, examples[here].id))
        for shingle in own:
            seen[shingle].append(here)
    return found


def length_roc(examples: list[Example]) -> float:
    return float(roc_auc_score([e.label for e in examples], [len(e.text) for e in examples]))


def test_an_example_is_found_by_its_id_alone(corpus: list[Example]) -> None:
    assert all(dataset.example(found.id) == found for found in corpus[::500])
    assert dataset.example("") is None
    assert dataset.example(corpus[0].id[:-1]) is None


def test_the_corpus_is_large_and_mixed_enough(corpus: list[Example]) -> None:
    languages = Counter(e.language for e in corpus)
    assert len(corpus) >= 8000
    assert 0.35 <= sum(e.label for e in corpus) / len(corpus) <= 0.45
    assert languages.most_common(1)[0][0] == "en"
    assert 0.35 <= languages["en"] / len(corpus) <= 0.60
    assert set(languages) == LANGUAGES
    assert min(languages.values()) >= 500


def test_many_posts_were_written_one_by_one(corpus: list[Example]) -> None:
    single = [e for e in corpus if not e.author.startswith(("contrast", "frames"))]
    assert len({e.frame for e in single}) >= 1000


def test_an_example_alerts_exactly_when_an_intent_alerts(corpus: list[Example]) -> None:
    assert all(e.label == int(bool(ALERTING & set(e.intents))) for e in corpus)


def test_only_alerting_examples_name_a_method_and_each_names_one(corpus: list[Example]) -> None:
    assert all(bool(e.methods) == bool(e.label) for e in corpus)
    for method in METHODS:
        assert {e.split for e in corpus if method in e.methods} == SPLITS


def test_loading_twice_gives_the_same_corpus(corpus: list[Example]) -> None:
    assert load() == corpus


def test_ids_and_texts_are_unique(corpus: list[Example]) -> None:
    assert len({e.id for e in corpus}) == len({e.text for e in corpus}) == len(corpus)
    assert all(re.fullmatch(r"[0-9a-f]{16}", e.id) for e in corpus)


def test_splits_have_their_shares_and_both_labels(corpus: list[Example]) -> None:
    shares = Counter(e.split for e in corpus)
    assert set(shares) == SPLITS
    assert 0.70 <= shares["train"] / len(corpus) <= 0.85
    for language in LANGUAGES:
        held = Counter(e.label for e in corpus if (e.split, e.language) == ("test", language))
        assert held.total() >= 100
        assert min(held[0], held[1]) >= 35


def test_a_frame_stays_within_one_split(corpus: list[Example]) -> None:
    splits = defaultdict(set)
    for example in corpus:
        splits[example.frame].add(example.split)
    assert all(len(found) == 1 for found in splits.values())


def test_some_writers_are_held_out_whole(corpus: list[Example]) -> None:
    splits = defaultdict(set)
    for example in corpus:
        splits[example.author].add(example.split)
    whole = Counter(next(iter(found)) for found in splits.values() if len(found) == 1)
    assert whole["test"] >= 15
    assert {e.language for e in corpus if splits[e.author] == {"test"}} == LANGUAGES


def test_no_near_duplicate_stands_in_two_splits(corpus: list[Example]) -> None:
    assert near_duplicates(corpus) == []


def test_a_planted_near_duplicate_is_found(corpus: list[Example]) -> None:
    original = next(e for e in corpus if e.split == "train" and len(e.text) > 150)
    planted = replace(original, id="0" * 16, text=original.text + " indeed", split="test")
    assert near_duplicates([original, planted]) == [(original.id, planted.id)]


def test_length_alone_says_next_to_nothing(corpus: list[Example]) -> None:
    for split in SPLITS:
        assert 0.40 <= length_roc([e for e in corpus if e.split == split]) <= 0.60


def test_length_would_be_noticed_if_it_leaked(corpus: list[Example]) -> None:
    leaking = [replace(e, text=e.text + " and so on" * 30 * e.label) for e in corpus]
    assert length_roc(leaking) > 0.60


def test_having_a_title_says_next_to_nothing(corpus: list[Example]) -> None:
    assert 0.40 <= roc_auc_score([e.label for e in corpus], [bool(e.title) for e in corpus]) <= 0.60


def test_no_negative_title_alone_gives_the_label_away(corpus: list[Example]) -> None:
    labels = defaultdict(set)
    for example in corpus:
        labels[example.title].add(example.label)
    borrowed = [title for title, count in Counter(e.title for e in corpus).items() if title and count >= 10]
    assert len(borrowed) >= 50
    assert all(labels[title] == {0, 1} for title in borrowed)


def test_every_intent_is_written_in_every_language(corpus: list[Example]) -> None:
    for language in LANGUAGES:
        found = {intent for e in corpus if e.language == language for intent in e.intents}
        assert found >= ALERTING | {"defensive", "news"}


def test_nothing_follows_a_removed_prompt(corpus: list[Example]) -> None:
    pasted = [e for e in corpus if REMOVED in e.text]
    assert len(pasted) >= 10
    assert all(e.text.endswith(REMOVED) and e.text.count(REMOVED) == 1 for e in pasted)


def test_no_slot_is_left_unfilled(corpus: list[Example]) -> None:
    assert not [e.id for e in corpus if re.search(r"[{}|]|\s::\s", e.text + e.title)]


def test_no_text_addresses_a_model_as_a_prompt_does(corpus: list[Example]) -> None:
    """Phrases by which pasted bypass prompts are known; the corpus talks about prompts and holds none."""
    telling = re.compile(
        r"ignore (all|any|your) (previous|prior)|from now on,? you|you are now|you will (never|always) refuse|"
        r"pretend (that )?you|act as (an?|if)|respond only (as|with)|stay in character|two responses|base64|"
        r"ignoriere (alle|deine)|ignora (todas|tus|as|todas as)|ignorez? (toutes|tes|vos)|önceki talimatları|"
        r"игнорируй|ігноруй|تجاهل (كل|جميع|التعليمات)|忽略(之前|以上|所有|前面)",
        re.IGNORECASE,
    )
    assert telling.search("From now on you are somebody else")
    assert [e.text for e in corpus if telling.search(e.text)] == []


# SHA-256 of lower-case words that no text may contain, so that the list itself stays clean.
BANNED = frozenset(Path(__file__).with_name("banned.sha256").read_text(encoding="ascii").split())


def banned_words(text: str) -> list[str]:
    return [w for w in re.findall(r"\w+", text.lower()) if hashlib.sha256(w.encode()).hexdigest() in BANNED]


def test_no_explicit_word_occurs(corpus: list[Example]) -> None:
    assert banned_words("a word that may stand") == []
    assert banned_words("positivecontrolword") == ["positivecontrolword"]
    assert [e.id for e in corpus if banned_words(e.text + " " + e.title)] == []


CHILD = re.compile(
    r"\b(child|children|minors?|underage|csam|kinder?|kindes|niñ[oa]s?|infantil|enfants?|criança\w*|menores|çocu[kğ]\w*|"
    r"дет(и|ей|ям\w*|ск\w+)|несовершеннолет\w*|діт(и|ей|ям\w*)|дит(ин|яч)\w*|неповноліт\w*|малолітн\w*|"
    r"\w*(طفل|أطفال|قاصر)\w*)\b|儿童|兒童|未成年|小孩",
    re.IGNORECASE,
)
CLINICAL = re.compile(
    r"csam|csea|ncmec|cybertip|iwf|ceop|bka|hotline|grooming|groomed|abuse|exploitation|safeguarding|child.protection|"
    r"child.safety|minor-safety|sexualises minors|Missbrauchsdarstellungen|abuso|abus|насили",
    re.IGNORECASE,
)


@pytest.mark.parametrize("named", ["children", "çocuklar", "детям", "дітей", "للأطفال", "儿童", "crianças", "niñas"])
def test_words_for_children_are_noticed_in_every_language(named: str) -> None:
    assert CHILD.search(f"… {named} …")


def test_child_safety_context_is_worded_clinically(corpus: list[Example]) -> None:
    """Texts with the context carry an agency, legal or clinical term; alerting texts name children in no other way."""
    context = [e for e in corpus if e.context]
    assert len(context) >= 25
    assert all(CLINICAL.search(e.text) for e in context)
    assert sum(1 - e.label for e in context) > sum(e.label for e in context)
    stray = [e.text for e in corpus if e.label and not e.context and CHILD.search(e.text)]
    assert stray == []


def test_the_data_card_has_the_counts_of_this_corpus(corpus: list[Example]) -> None:
    assert counts(corpus) in CARD.read_text(encoding="utf-8")
