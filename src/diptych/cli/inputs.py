"""What `diptych measure` measures and measures with: captions, references, pictures and models, from files or a dataset."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from PIL import Image as Pillow

from diptych.cli.systems import Dataset, System, named_columns, one_each, refuse_voices, several, told_broken
from diptych.data.captions import read_captions
from diptych.data.errors import AddressError, InputError, PictureError, SourceError
from diptych.data.listings import read_objects, read_phrases, read_questions
from diptych.data.pictures import Picture
from diptych.data.records import Caption, Record
from diptych.data.rows import Columns

# options that name a model, and the ability asked of it; what opens models and worlds is imported only when one is named
MODELS: Mapping[str, str] = {
    "embedder": "Embedder",
    "matcher": "Matcher",
    "entailer": "Entailer",
    "judge": "Entailer",
    "answerer": "Answerer",
    "painter": "Painter",
}


def _called(module: str, name: str, given: Any) -> Any:
    """What a function of `measure` makes of the value; imported when it is called."""
    return getattr(import_module(f"diptych.measure.{module}"), name)(given)


def _texts(file: str) -> list[str]:
    return [text for texts in read_captions(file).texts.values() for text in texts]


def _gold(file: str) -> dict[str, list[Any]]:
    from diptych.measure.answerability import GoldQuestion

    return {id: [GoldQuestion(text, answers) for text, answers in asked] for id, asked in read_questions(file).items()}


# options that name a file or a number, and what is made of it
READERS: Mapping[str, Callable[[Any], Any]] = {
    "objects": read_objects,
    "targets": read_objects,
    "associations": read_objects,
    "phrases": read_phrases,
    "known": _texts,
    "mentions": partial(_called, "mentions", "read_synonyms"),
    "questions": partial(_called, "pope_questions", "read_pope"),
    "gold": _gold,
    "frequencies": str,
    "word_frequencies": str,
    "tokenizer": str,
    "meteor_data": str,
    "bag": int,
}
Make = Callable[[System], Any]


def _answers(file: str) -> dict[str, str]:
    """Answers by question; SourceError for a question that is answered twice."""
    try:
        read = read_captions(file, Columns(captions=("answer",), id="question_id"))
    except SourceError:
        read = read_captions(file)
    told_broken(read, False)
    if twice := [id for id, texts in read.texts.items() if len(texts) != 1]:
        raise SourceError(f"{file} answers question {twice[0]!r} {len(read.texts[twice[0]])} times: keep one answer")
    return {id: texts[0] for id, texts in read.texts.items()}


def _one_file(files: Sequence[str]) -> str:
    if len(files) > 1:
        raise InputError(f"--answers names {len(files)} files beside captions: name one, or leave the captions out")
    return files[0]


def makers(given: argparse.Namespace, data: Dataset | None) -> dict[str, Make]:
    """Every input that these options give, by name, made when a metric asks for it."""
    found: dict[str, Make] = {
        "candidates": lambda system: one_each(system, given.first),
        "captions": lambda system: {id: texts for id, texts in system.texts.items() if texts},
    }
    if given.references or given.references_captions:
        known = cache(partial(_references, given, data))
        found["references"] = lambda system: _but_itself(known()[0], system) if given.references_captions else known()[0]
        found["reference notes"] = lambda system: known()[1]
    if data is not None:
        found |= _of_data(data)
    named = {name: address for name in MODELS if (address := getattr(given, name))}
    if data is not None and not given.candidates and not given.self_check:
        refuse_voices(named, data)
    for name, address in named.items():
        found[name] = _same(cache(partial(_model, name, address, data)))
        found[f"{name} address"] = _same(partial(str, address))
    if {"painter", "embedder"} <= set(named):
        found["names"] = _same(lambda: {name: named[name] for name in ("painter", "embedder")})
    for name, read in READERS.items():
        if (value := getattr(given, name)) is not None:
            found[name] = _same(cache(partial(read, value)))
    if given.answers:
        found["answers"] = lambda system: _answers(system.source if not system.texts else _one_file(given.answers))
    return found


def _model(name: str, address: str, data: Dataset | None) -> Any:
    from diptych.lab.opening import without_source
    from diptych.models import abilities
    from diptych.models.chat_entailer import ChatEntailer

    opener = data.opened.opener if data is not None else without_source()
    if name != "judge":
        return opener(address, getattr(abilities, MODELS[name]))
    try:
        found = opener(address, abilities.Entailer)
    except AddressError:
        return opener(address, abilities.ChatModel)
    # a chat model is judged by with the words of the metric, not with those of an entailer
    return found.chat if isinstance(found, ChatEntailer) else found


def _same(make: Callable[[], Any]) -> Make:
    return lambda system: make()


def _of_data(data: Dataset) -> dict[str, Make]:
    """Inputs that a dataset has: pictures, objects of its boxes, and the truth of a world."""
    found: dict[str, Make] = {}
    if any(row.subject.path for row in data.rows):
        found["pictures"] = _same(cache(lambda: {row.id: _picture(data, row) for row in data.rows}))
    if any(region.kind == "object" for row in data.rows for region in row.regions):
        found["objects"] = _same(cache(lambda: _called("truths", "objects_of", data.rows)))
    if data.opened.truths is not None:
        found["said"] = lambda system: system.said
        found["truths"] = _same(cache(partial(_true, data)))
    return found


def _true(data: Dataset) -> Any:
    from diptych.lab.rows import true_of

    return true_of(data.rows, data.opened.truths) if data.opened.truths is not None else {}


def _picture(data: Dataset, row: Record) -> Picture:
    """The row's picture; one that is broken fails when a model asks for it, and is counted by the metric."""
    try:
        return data.opened.pictures(row.subject)
    except PictureError as error:
        said = str(error)

        def fails() -> Pillow.Image:
            raise PictureError(said)

        return Picture(f"broken:{row.id}", 0, 0, fails)


def _references(given: argparse.Namespace, data: Dataset | None) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Texts by image of the files, gathered over several, or captions by image of DATA; and what of them was left out."""
    if given.references_captions:
        if data is None or given.references:
            raise InputError("--references-captions chooses among the captions of DATA: name DATA, or give --references FILE alone")
        return data.captions(given.references_captions), ()
    columns = named_columns(given.reference_columns, given.id_column)
    found: dict[str, tuple[str, ...]] = {}
    notes: tuple[str, ...] = ()
    files = [name for said in given.references for name in several(said)]
    same = [Path(name).resolve() for name in files]
    if twice := next((name for name, file in zip(files, same, strict=True) if same.count(file) > 1), ""):
        raise InputError(f"{twice!r} is named twice in --references: its captions would count double; name it once")
    for name in files:
        read = read_captions(name, columns)
        notes += told_broken(read, given.subset)
        for id, texts in read.texts.items():
            found[id] = (*found.get(id, ()), *texts)
    return found, notes


def _but_itself(known: Mapping[str, tuple[Caption, ...]], system: System) -> dict[str, tuple[str, ...]]:
    """DATA's references without the captions that are measured themselves."""
    own = {id: {caption.id for caption in said} for id, said in system.said.items()}
    return {id: tuple(c.text for c in said if c.id not in own.get(id, ())) for id, said in known.items()}


def save_frequencies(given: argparse.Namespace, references: Mapping[str, Sequence[str]]) -> None:
    """Writes the frequencies of the references where files for them are named; InputError without references or room."""
    if not (given.save_frequencies or given.save_word_frequencies):
        return
    if not references:
        raise InputError("frequencies are counted in references: give --references FILE")
    from diptych.measure.frequencies import document_frequencies
    from diptych.measure.lexical_match import word_frequencies

    known = {id: tuple(texts) for id, texts in references.items() if texts}
    try:
        if given.save_frequencies:
            document_frequencies(known, tokenizer=given.tokenizer or "ptb", source=", ".join(given.references or ())).save(
                given.save_frequencies
            )
        if given.save_word_frequencies:
            word_frequencies(known.values()).save(given.save_word_frequencies)
    except OSError as error:
        raise InputError(f"{error.filename} cannot be written ({error.strerror}): name another file") from error
