"""Tags from spaCy in place of the built-in tagger's, for users who have it."""

from functools import lru_cache
from typing import Any

from diptych.data.errors import InputError
from diptych.language.context import FUNCTION
from diptych.language.tokens import Token

_TAGS = {
    "NN": "N", "NNP": "N", "NNS": "NS", "NNPS": "NS", "VB": "V", "VBP": "V", "VBZ": "VZ", "VBD": "VD", "VBN": "VN", "VBG": "VG", "JJ": "J",
    "JJR": "J", "JJS": "J", "RB": "R", "RBR": "R", "RBS": "R",
}  # fmt: skip
_PRENOMINAL = frozenset(("amod", "nmod"))


@lru_cache(4)
def _load(name: str) -> Any:
    try:
        import spacy  # noqa: PLC0415
    except ImportError as error:
        raise InputError(f"spacy:{name} needs spaCy, which is not installed: pip install spacy") from error
    try:
        return spacy.load(name)
    except OSError as error:
        raise InputError(f"spaCy has no model {name!r}: python -m spacy download {name}") from error


def retag(tokens: list[Token], text: str, name: str) -> list[Token]:
    """Give open-class tokens the tag of the spaCy token that ends where they end; function words keep our own tags."""
    ends = {word.idx + len(word.text): word for word in _load(name)(text)}
    for token in tokens:
        word = ends.get(token.end)
        tag = _TAGS.get(word.tag_) if word is not None else None
        if token.tag or tag is None or word is None or token.word in FUNCTION:
            continue
        prenominal = tag in ("VN", "VG") and word.dep_ in _PRENOMINAL and word.head.i > word.i
        token.tag, token.lemma = "J" if prenominal else tag, word.lemma_.lower() or token.word
    return tokens
