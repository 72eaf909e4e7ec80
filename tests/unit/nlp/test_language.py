"""Language identification."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.language import LANGUAGES, UNDETERMINED, identify


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Does anyone know where the moderators of this board have gone this week?", "en"),
        ("Weiß jemand, wohin die Moderatoren dieses Forums verschwunden sind?", "de"),
        ("Кто-нибудь знает, куда пропали модераторы этого форума?", "ru"),
        ("¿Alguien sabe adónde han ido los moderadores de este foro?", "es"),
        ("Quelqu'un sait où sont passés les modérateurs de ce forum ?", "fr"),
        ("이 게시판의 관리자들은 어디로 갔습니까", "ko"),
        ("ok", UNDETERMINED),
        ("", UNDETERMINED),
        ("1234 5678 !!!", UNDETERMINED),
    ],
)
def test_the_language_is_named_or_left_open(text: str, code: str) -> None:
    assert identify(text) == code


@given(st.text(st.characters(), max_size=300))
def test_any_text_gets_a_known_code(text: str) -> None:
    assert identify(text) in {*LANGUAGES, UNDETERMINED}
