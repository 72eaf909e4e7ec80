"""Harmless forum content with its ground truth, the same for every seed: boards, threads, posts about bicycles.

A post is a dict of author, time (ISO, UTC), edited and blocks. A block is one of ("p", text),
("quote", author, text, inner or None), ("code", text), ("list", [items]), ("link", url, label).
"""

import random
from datetime import datetime, timedelta
from typing import Any

Block = tuple[Any, ...]
Post = dict[str, Any]

PASSWORD = "garden-gate-77"
POSTS_PER_PAGE = 10

_PUBLIC_SIZES = (26, 8, 6, 5, 4, 3, 3, 2, 2, 1)
_PRIVATE_SIZES = (2,)
_FIRST_POST = datetime.fromisoformat("2026-08-03T07:41:00+00:00")

MEMBERS = ("marlow", "kite_42", "Jörg", "Юлия", "tomoko", "old heron")
_BOARDS = ("Workshop & repairs", "Routes and rides", "Members' corner")
_TITLES = (
    "Which chain lube survives a wet autumn?",
    "Speichen selbst nachziehen – geht das?",
    "Вопрос про тормоза на старом велосипеде",
    "通勤用のライトのおすすめ",
    "Bottom bracket creak, again",
    'Show us your bell <3 & "other" sounds',
    "Canal path to the old mill",
    "Zwei Tage an der Ahr 🚲",
    "Best bakery stop?",
    "طريق الساحل في الصباح",
    "Committee notes, September",
)
_LINES = {
    "en": (
        "I wiped the chain down twice and it still sounds like gravel.",
        "Try a drop on every roller, then wait overnight.",
        "The wax wore off after about 120 km in the rain.",
        "My mudguards rattle more than the drivetrain does.",
        "Has anybody tried the blue bottle from the market?",
        "It costs less than 5 < 10 euros & lasts a season.",
        "I keep a rag in the saddle bag for exactly this.",
        "The left pedal was the culprit all along!",
        "Measure it with a gauge before you throw anything away.",
        "Thanks, that fixed it — quiet as a cat now.",
    ),
    "de": (
        "Die Speiche auf der linken Seite ist locker.",
        "Mit einem Schlüssel für 14er Nippel geht es gut.",
        "Immer nur eine Viertelumdrehung, sonst läuft das Rad schief.",
        "Ich würde es in die Werkstatt bringen, größere Schäden sieht man kaum.",
    ),
    "ru": (
        "Колодки стёрлись почти до металла.",
        "Тросик лучше заменить вместе с рубашкой.",
        "Спасибо, теперь тормозит нормально.",
    ),
    "ja": (
        "夜道では前のライトが少し暗いです。",
        "充電は三日に一回くらいで足ります。",
        "雨の日でも問題なく使えました。",
    ),
    "ar": (
        "الطريق هادئ في الصباح الباكر.",
        "المسافة حوالي عشرين كيلومتراً.",
        "لا تنسوا الماء والخبز.",
    ),
}
_CODE = "gear   teeth   metres\n1      42      2.1\n2      36      2.5"
_ITEMS = ("15 mm spanner", "two tyre levers", "a patch kit", "chain breaker", "spare link")
_LINKS = (
    ("http://clearnet.test/map.html", "map of the path"),
    ("http://clearnet.test/chart?a=1&b=2", "gear chart"),
)


def build(last: datetime, seed: int = 7) -> list[dict[str, Any]]:
    """Boards of {name, private, threads: [{title, posts}]}; the newest public post is of the time `last`."""
    chance = random.Random(seed)
    now = _FIRST_POST
    threads = []
    for number, (size, title) in enumerate(zip(_PUBLIC_SIZES + _PRIVATE_SIZES, _TITLES, strict=True)):
        language = "en" if number == 0 else chance.choice(list(_LINES))
        posts: list[Post] = []
        for place in range(size):
            now += timedelta(minutes=chance.randint(7, 1900), seconds=chance.randint(0, 59))
            author = MEMBERS[(place * 2 + number + (chance.random() < 0.3)) % len(MEMBERS)]
            blocks = _blocks(chance, posts, language if chance.random() < 0.75 else chance.choice(list(_LINES)))
            edited = chance.random() < 0.12
            posts.append({"author": author, "time": _stamp(now), "edited": edited, "blocks": blocks})
        threads.append({"title": title, "posts": posts})
    threads[1]["posts"][-1]["time"] = _stamp(last)
    shares = ((_BOARDS[0], False, threads[:6]), (_BOARDS[1], False, threads[6:10]), (_BOARDS[2], True, threads[10:]))
    return [{"name": name, "private": private, "threads": share} for name, private, share in shares]


def _stamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _blocks(chance: random.Random, earlier: list[Post], language: str) -> list[Block]:
    blocks: list[Block] = []
    if earlier and chance.random() < 0.45:
        source = chance.choice(earlier)
        inner = next(((b[1], b[2]) for b in source["blocks"] if b[0] == "quote"), None)
        blocks.append(("quote", source["author"], _first_words(source), inner if chance.random() < 0.5 else None))
    for _ in range(chance.randint(1, 3)):
        blocks.append(("p", " ".join(chance.sample(_LINES[language], chance.randint(1, 3)))))
    extra = chance.random()
    if extra < 0.10:
        blocks.append(("code", _CODE))
    elif extra < 0.20:
        blocks.append(("list", chance.sample(_ITEMS, 3)))
    elif extra < 0.32:
        blocks.append(("link", *chance.choice(_LINKS)))
    if earlier and chance.random() < 0.12:  # an answer between the lines of another post
        blocks.append(("quote", earlier[-1]["author"], _first_words(earlier[-1]), None))
        blocks.append(("p", chance.choice(_LINES[language])))
    return blocks


def _first_words(post: Post) -> str:
    return str(next(block[1] for block in post["blocks"] if block[0] == "p"))


def own_text(post: Post) -> str:
    """What the author wrote: quotes left out, blocks joined by newlines."""
    out: list[str] = []
    for block in post["blocks"]:
        if block[0] in ("p", "code"):
            out.append(block[1])
        elif block[0] == "list":
            out += block[1]
        elif block[0] == "link":
            out.append(block[2])
    return "\n".join(out)


def truth(post: Post, post_id: int) -> dict[str, Any]:
    """What an engine should read from the post."""
    quotes = [{"author": block[1], "text": block[2]} for block in post["blocks"] if block[0] == "quote"]
    facts = {"id": str(post_id), "text": own_text(post), "quotes": quotes}
    return facts | {name: post[name] for name in ("author", "time", "edited")}


def markdown(post: Post) -> str:
    """The post as its author would type it."""
    return "\n\n".join(_marked(block) for block in post["blocks"])


def _marked(block: Block) -> str:
    if block[0] == "quote":
        inner = f"> > **{block[3][0]}**\n> >\n> > {block[3][1]}\n>\n" if block[3] else ""
        return f"> **{block[1]}**\n>\n{inner}> {block[2]}"
    if block[0] == "code":
        return f"```\n{block[1]}\n```"
    if block[0] == "list":
        return "\n".join(f"- {item}" for item in block[1])
    return f"[{block[2]}]({block[1]})" if block[0] == "link" else str(block[1])
