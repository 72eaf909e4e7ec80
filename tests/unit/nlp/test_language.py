"""Language identification."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.corpus.dataset import load
from nlp.language import LANGUAGES, UNDETERMINED, identify


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Does anyone know where the moderators of this board have gone this week?", "en"),
        ("Weiß jemand, wohin die Moderatoren dieses Forums verschwunden sind?", "de"),
        ("Кто-нибудь знает, куда пропали модераторы этого форума?", "ru"),
        ("¿Alguien sabe adónde han ido los moderadores de este foro?", "es"),
        ("Quelqu'un sait où sont passés les modérateurs de ce forum ?", "fr"),
        ("Чи хтось знає, куди поділися модератори цього форуму?", "uk"),
        ("有人知道这个论坛的管理员去哪儿了吗", "zh"),
        ("有人知道這個論壇的管理員去哪兒了嗎", "zh"),
        ("有人知道这个论坛的管理员吗?他們說服務器下週會回來,請大家等等消息,我们也不清楚发生了什么。", "zh"),
        ("האם מישהו יודע לאן נעלמו המנהלים של הפורום הזה", "he"),
        ("\x00 Does anyone know where the moderators\ud800 of this board have gone this week?", "en"),
        ("asdf qwer", UNDETERMINED),
        ("a " * 300, UNDETERMINED),
        ("이 게시판의 관리자들은 어디로 갔습니까", "ko"),
        ("ok", UNDETERMINED),
        ("", UNDETERMINED),
        ("1234 5678 !!!", UNDETERMINED),
    ],
)
def test_the_language_is_named_or_left_open(text: str, code: str) -> None:
    assert identify(text) == code


def test_held_out_posts_of_ten_languages_are_named_or_left_open_and_hardly_ever_misnamed() -> None:
    answers: dict[str, Counter[str]] = defaultdict(Counter)
    for example in load():
        if example.split == "test":
            answers[example.language][identify(example.text)] += 1
    assert len(answers) >= 10
    for language, counts in answers.items():
        assert counts[language] >= 0.9 * counts.total(), language
        assert counts[language] + counts[UNDETERMINED] >= 0.97 * counts.total(), language


@given(st.text(st.characters(), max_size=300))
def test_any_text_gets_a_known_code(text: str) -> None:
    assert identify(text) in {*LANGUAGES, UNDETERMINED}
