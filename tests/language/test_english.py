"""The rule by which captions are counted as not English."""

import pytest

from diptych.language.english import count_not_english, not_english


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Un perro corre por la playa", "words"),
        ("Ein Hund rennt über den Strand und ist nass", "words"),
        ("un chien dans l'herbe avec une balle", "words"),
        ("Um cachorro na praia com uma bola", "words"),
        ("Een hond op het strand met een bal", "words"),
        ("一只狗在跑", "script"),
        ("собака на траве", "script"),
        ("a dog at la la land", ""),
        ("two people with el toro", ""),
        ("a man on a café terrace in São Paulo", ""),
        ("a sign that says 出口 above the door", ""),
        ("", ""),
        ("12 + 3 = ?", ""),
    ],
)
def test_plainly_not_english(text: str, sign: str) -> None:
    assert not_english(text) == sign


def test_counts_by_sign() -> None:
    assert count_not_english(["a dog", "一只狗", "un perro y una pelota de la playa", "le chien et le chat dans une maison"]) == (1, 2)
