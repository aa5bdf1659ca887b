"""Metrics as the catalogue calls them, where the function of Python takes its inputs in another shape."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from math import nan
from typing import Any, cast

import numpy as np

from diptych.data.errors import InputError
from diptych.data.results import Result
from diptych.measure import text
from diptych.measure.answerability import GoldQuestion, answerability
from diptych.measure.answerability_readers import blind_reader, chat_reader, entailing_reader, rules_reader
from diptych.measure.bags import hard_bags, random_bags
from diptych.measure.chair import Said, chair_scores, classes_there, refuse_strange_names, strange_names, with_captions
from diptych.measure.clipscore import ref_clipscore
from diptych.measure.diversity import div_n, vocabulary_size
from diptych.measure.embeddings import Pictures, embed_pictures
from diptych.measure.intervals import RESAMPLES
from diptych.measure.judges import ChatJudge, EntailJudge, GraphJudge, Judge
from diptych.measure.lexical_match import WordFrequencies, lexical_match
from diptych.measure.mentions import Mentions, WordNetNouns
from diptych.measure.openchair import openchair
from diptych.measure.pope import pope_of_captions
from diptych.measure.pope_questions import PopeQuestion
from diptych.measure.scores import Scored, scored
from diptych.measure.self_retrieval import self_retrieval
from diptych.models.abilities import Answerer, ChatModel, Embedder, Entailer, Matcher

Sets = Mapping[str, Sequence[str]]
BAG = 100  # images, as RD100 has them


def words_per_caption(captions: Sets, *, seed: int = 0, resamples: int = RESAMPLES) -> Scored:
    """Words over captions; images are resampled with all their captions."""
    counts = [(sum(len(text.words_of(one)) for one in said), len(said)) for said in captions.values()]
    columns = np.array(counts, float).reshape(-1, 2)
    values = np.divide(columns[:, 0], columns[:, 1], out=np.full(len(columns), nan), where=columns[:, 1] > 0)
    return scored("words_per_caption", list(captions), values, columns, better="none", how=text.WORDS_ARE, seed=seed, resamples=resamples)


def distinct(captions: Sets, *, seed: int = 0, resamples: int = RESAMPLES) -> tuple[Scored, ...]:
    """`distinct_1` and `distinct_2` of all captions together; an image has no value of its own."""
    texts = [one for said in captions.values() for one in said]
    return tuple(_whole(text.distinct(texts, n), captions) for n in (1, 2))


def vocabulary(captions: Sets, *, seed: int = 0, resamples: int = RESAMPLES) -> Scored:
    """`vocabulary_size` of all captions together; an image has no value of its own."""
    return _whole(vocabulary_size([one for said in captions.values() for one in said]), captions)


def div(captions: Sets, *, seed: int = 0, resamples: int = RESAMPLES) -> tuple[Scored, ...]:
    """`div_1` and `div_2`."""
    return tuple(div_n(captions, n=n, seed=seed, resamples=resamples) for n in (1, 2))


def _whole(result: Result, captions: Sets) -> Scored:
    """A result of the whole set, of which no image has a share."""
    return Scored(result, tuple(captions), np.full(len(captions), nan), np.zeros((len(captions), 2)))


def chair(
    captions: Sets, objects: Mapping[str, Collection[str]], *, mentions: Mentions | None = None, references: Sets | None = None,
    seed: int = 0, resamples: int = RESAMPLES,
) -> tuple[Scored, ...]:  # fmt: skip
    """CHAIR over names of any kind, each put to the class that it names; with references also those objects that they mention count."""
    reader = mentions or WordNetNouns()
    there = classes_there(objects, reader)
    told = "objects given"
    if references is not None:
        there, told = (
            with_captions(there, cast(Mapping[str, Said], references), reader),
            "objects given or mentioned by a reference",
        )
    told = "; ".join((told, *strange_names(objects, reader)))
    made = chair_scores(cast(Mapping[str, Said], captions), there, reader, seed=seed, resamples=resamples)
    return tuple(replace(one, result=replace(one.result, how=f"{told}; {one.result.how}")) for one in made)


def objects_are_classes(inputs: Mapping[str, Any]) -> None:
    """InputError for a whole set of objects of which no name is a class; one row of a filter may well have such objects alone."""
    refuse_strange_names(inputs["objects"], inputs.get("mentions"))


def open_chair(
    candidates: Mapping[str, str], truths: Sets, *, judge: Entailer | ChatModel | None = None, seed: int = 0, resamples: int = RESAMPLES
) -> tuple[Scored, ...]:
    """OpenCHAIR against the one caption that each image was made from, by an entailer, a chat model, or rules where none is given.

    Raises InputError for an image with several such captions.
    """
    if several := [id for id, said in truths.items() if len(said) != 1]:
        raise InputError(
            f"openchair takes the one caption that an image was made from, {several[0]!r} has {len(truths[several[0]])}: keep one"
        )
    entailer, chat = _kind(judge)
    by: Judge = EntailJudge(entailer) if entailer is not None else ChatJudge(chat) if chat is not None else GraphJudge()
    return openchair(candidates, {id: said[0] for id, said in truths.items()}, by, seed=seed, resamples=resamples)


def answers_from_captions(
    candidates: Mapping[str, str], gold: Mapping[str, Sequence[GoldQuestion]], *, judge: Entailer | ChatModel | None = None,
    answerer: Answerer | None = None, seed: int = 0, resamples: int = RESAMPLES,
) -> tuple[Scored, ...]:  # fmt: skip
    """Answerability by an answerer that sees no picture, a chat model, an entailer, or rules where none is given."""
    entailer, chat = _kind(judge)
    reader = rules_reader()
    if answerer is not None:
        reader = blind_reader(answerer)
    elif judge is not None:
        reader = entailing_reader(entailer) if entailer is not None else chat_reader(cast(ChatModel, chat))
    return answerability(candidates, gold, reader=reader, seed=seed, resamples=resamples)


def lexical(
    candidates: Mapping[str, str], references: Sets, *, frequencies: str | WordFrequencies | None = None, seed: int = 0,
    resamples: int = RESAMPLES,
) -> Scored:  # fmt: skip
    """`lexical_match`, with word frequencies from a file if one is named."""
    known = WordFrequencies.load(frequencies) if isinstance(frequencies, str) else frequencies
    return lexical_match(candidates, references, frequencies=known, seed=seed, resamples=resamples)


def _kind(judge: Entailer | ChatModel | None) -> tuple[Entailer | None, ChatModel | None]:
    if judge is None or hasattr(judge, "entail"):
        return cast(Entailer | None, judge), None
    return None, judge


def captions_as_answers(
    candidates: Mapping[str, str], *, questions: Sequence[PopeQuestion], mentions: Mentions | None = None, seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[Scored, ...]:  # fmt: skip
    """POPE with a caption's mention of an object as the answer yes."""
    return pope_of_captions(questions, candidates, mentions, seed=seed, resamples=resamples)


def reference_clipscore(
    candidates: Mapping[str, str], references: Sets, pictures: Pictures, *, model: Embedder, seed: int = 0, resamples: int = RESAMPLES
) -> Scored:
    """`refclipscore`."""
    one = ref_clipscore(candidates, references, pictures, model=model, seed=seed, resamples=resamples)
    return replace(one, result=replace(one.result, name="refclipscore"))


def in_bags(
    candidates: Mapping[str, str], pictures: Pictures, *, model: Embedder | Matcher, bag: int | None = None, seed: int = 0,
    resamples: int = RESAMPLES,
) -> tuple[Scored, ...]:  # fmt: skip
    """Self-retrieval among `bag` images, by default 100 or as many as there are: a caption's image and others drawn at random."""
    bags = random_bags(list(candidates), min(BAG, len(candidates)) if bag is None else bag, seed=seed)
    return self_retrieval(candidates, bags, pictures, model=model, queries="first", seed=seed, resamples=resamples)


def in_hard_bags(
    candidates: Mapping[str, str], pictures: Pictures, *, model: Embedder, bag: int = 5, seed: int = 0, resamples: int = RESAMPLES
) -> tuple[Scored, ...]:
    """`self_retrieval_hard_SIZE`: among the `bag` images that look most alike to the embedder."""
    known = {id: vector for id, vector in embed_pictures(pictures, model).of.items() if vector is not None}
    made = self_retrieval(candidates, hard_bags(known, bag, seed=seed), pictures, model=model, seed=seed, resamples=resamples)
    return tuple(
        replace(one, result=replace(one.result, name=one.name.replace("self_retrieval", "self_retrieval_hard", 1))) for one in made
    )
