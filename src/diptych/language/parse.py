"""A caption's scene graph by rules: words, tags, noun phrases, clauses, coreference. No model, no download.

Conventions and known errors: docs/parsing.md.
"""

from functools import lru_cache
from typing import Any

from diptych.data.errors import InputError
from diptych.data.graphs import SceneGraph
from diptych.language.clauses import read
from diptych.language.multiword import join
from diptych.language.phrases import units
from diptych.language.scene import Scene
from diptych.language.spacy_tags import retag
from diptych.language.tagging import tag
from diptych.language.tokens import Token, tokenise
from diptych.language.webtext import blanked

ENDS = frozenset((".", "!", "?", ";", ":", "\n"))


@lru_cache(maxsize=1 << 15)
def parse(text: str) -> SceneGraph:
    """What an English caption says. Characters after the first 20,000 are not read; any text gives a graph."""
    return parse_tokens(join(tokenise(blanked(text))))


def parse_tokens(tokens: list[Token]) -> SceneGraph:
    """The graph of tokens in order; those that carry a tag and lemma keep them."""
    scene = Scene()
    for sentence in _sentences(tokens):
        tag(sentence)
        read(units(sentence), scene)
        scene.sentence += 1
    return scene.graph()


def parse_with(tagger: str, text: str) -> SceneGraph:
    """Like `parse`, with the part-of-speech tags of another tagger: "spacy:en_core_web_sm".

    Raises InputError for a tagger of another kind or one that is not installed.
    """
    kind, _, name = tagger.partition(":")
    if kind != "spacy" or not name:
        raise InputError(f"tagger must be spacy:MODEL, got {tagger!r}; leave it out for the built-in one")
    return parse_tokens(retag(join(tokenise(blanked(text))), text, name))


def _sentences(tokens: list[Token]) -> list[list[Token]]:
    found: list[list[Token]] = [[]]
    for token in tokens:
        if token.tag == "MARK" and token.word in ENDS:
            found.append([])
        else:
            found[-1].append(token)
    return [sentence for sentence in found if sentence]


def to_json(text: str, graph: SceneGraph) -> dict[str, Any]:
    """The stable form that `diptych parse --json` prints."""
    return {
        "text": text,
        "entities": [
            {"noun": e.noun, "count": e.count, "at_least": e.at_least, "attributes": list(e.values), "negated": e.negated}
            for e in graph.entities
        ],
        "relations": [{"subject": r.subject, "predicate": r.predicate, "object": r.object} for r in graph.relations],
        "texts": [quote.words for quote in graph.texts],
    }
