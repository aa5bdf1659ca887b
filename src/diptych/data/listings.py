"""Lists of words by image from JSON: objects (`{id: [names]}`, JSON lines, COCO instances), words by kind, questions with answers."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from diptych.data.captions import id_of_image, once
from diptych.data.errors import SourceError
from diptych.data.objects import decoded, entries, is_coco, is_lines, lines

_NAME_WORDS = 4  # more are a sentence
_NAMED = ("objects", "labels", "names", "words", "captions")


def read_objects(path: str | Path) -> dict[str, tuple[str, ...]]:
    """Names by image, each once. SourceError for a file that is missing, of another shape, or that names an image twice.

    Of COCO instances every image of the list has an entry, an empty one where nothing is annotated.
    """
    file = _file(path)
    found: dict[str, tuple[str, ...]] = {}
    for id, names in _coco(file) or _rows(file):
        if id in found:
            raise SourceError(f"{file} lists the objects of {id!r} twice: keep one list an image")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise SourceError(f"{file} must give {id!r} a list of names, got {names!r:.80}: write {{id: [names]}}, or COCO instances")
        if said := next((name for name in names if len(name.split()) > _NAME_WORDS), None):
            raise SourceError(
                f"{file} gives {id!r} the sentence {said!r:.80}: a name has at most {_NAME_WORDS} words; write {{id: [names]}}, captions"
                " belong to --candidates or --references"
            )
        found[id] = tuple(dict.fromkeys(names))
    if not found:
        raise SourceError(f"{file} lists nothing: write {{id: [names]}}, or COCO instances")
    return found


def read_phrases(path: str | Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """Words by image and kind, `{id: {kind: [phrases]}}`; SourceError for any other shape."""
    file = _file(path)
    found = {}
    value = decoded(file, json.JSONDecoder(object_pairs_hook=once))
    for id, kinds in value.items() if isinstance(value, dict) else ():
        if not isinstance(kinds, dict) or not all(_texts(listed) for listed in kinds.values()):
            raise SourceError(f"{file} must give {id!r} lists of phrases by kind, got {kinds!r:.80}: write {{id: {{kind: [phrases]}}}}")
        found[id] = {kind: tuple(listed) for kind, listed in kinds.items()}
    if not found:
        raise SourceError(f"{file} lists nothing: write {{id: {{kind: [phrases]}}}}")
    return found


def read_questions(path: str | Path) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Questions with their answers by image: `{id: [{"question": text, "answers": [texts]}]}`, or a row a question in JSON lines.

    SourceError for any other shape.
    """
    file = _file(path)
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for id, asked in _asked(file):
        answers = asked.get("answers", asked.get("answer")) if isinstance(asked, dict) else None
        listed = [answers] if isinstance(answers, str) else answers
        if not isinstance(asked, dict) or not isinstance(asked.get("question"), str) or not _texts(listed) or not listed:
            raise SourceError(f"{file} must ask of {id!r} a question with answers, got {asked!r:.80}: write {{question, answers: [texts]}}")
        found.setdefault(id, []).append((asked["question"], tuple(listed)))
    if not found:
        raise SourceError(f"{file} asks nothing: write {{id: [{{question, answers}}]}}")
    return found


def _asked(file: Path) -> Iterator[tuple[str, Any]]:
    if is_lines(file):
        for number, row in lines(file):
            id = None if isinstance(row, Exception) else id_of_image(row)
            if id is None:
                raise SourceError(f"{file}, row {number} needs an image's id, question and answers")
            yield id, row
        return
    value = decoded(file, json.JSONDecoder(object_pairs_hook=once))
    for id, asked in value.items() if isinstance(value, dict) else ():
        yield from ((id, one) for one in (asked if isinstance(asked, list) else [asked]))


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _file(path: str | Path) -> Path:
    file = Path(path)
    if not file.is_file():
        raise SourceError(f"{str(file)!r} is no file: give JSON with lists of words by image")
    return file


def _rows(file: Path) -> list[tuple[str, Any]]:
    numbered = lines(file) if is_lines(file) else entries(decoded(file, json.JSONDecoder(object_pairs_hook=once)))
    found = []
    for number, row in numbered:
        if isinstance(row, Exception):
            raise SourceError(f"{file}, row {number}: {row}") from row
        id = id_of_image(row)
        name = next((name for name in _NAMED if name in row), None)
        if id is None or name is None:
            raise SourceError(f"{file}, row {number} needs an id and a list of objects, it has {', '.join(row)[:100]}")
        found.append((id, row[name]))
    return found


def _coco(file: Path) -> list[tuple[str, list[str]]]:
    """Names of the categories annotated in each image; nothing of other files."""
    if is_lines(file):
        return []
    value = decoded(file, json.JSONDecoder())
    if not is_coco(value):
        return []
    listed = value.get("categories")
    kinds = {str(kind.get("id")): kind.get("name") for kind in listed if isinstance(kind, Mapping)} if isinstance(listed, list) else {}
    found: dict[str, list[str]] = {str(image["id"]): [] for image in value["images"] if isinstance(image, Mapping) and "id" in image}
    for note in value["annotations"]:
        image, kind = (str(note.get("image_id")), str(note.get("category_id"))) if isinstance(note, Mapping) else ("", "")
        if image in found and isinstance(note, Mapping) and "caption" in note and "category_id" not in note:
            raise SourceError(f"{file} holds COCO captions and no objects: give COCO instances, or {{id: [names]}}")
        if image not in found or kind not in kinds:
            raise SourceError(f"{file} annotates image {image!r} with category {kind!r}, which its lists lack: correct it")
        found[image].append(str(kinds[kind]))
    return list(found.items())
