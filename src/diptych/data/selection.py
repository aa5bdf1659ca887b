"""Which of a record's captions are meant, and which records still count."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from diptych.data.errors import InputError
from diptych.data.records import Caption, Question, Record

if TYPE_CHECKING:
    import pyarrow as pa


def captions_of(record: Record, of: str) -> tuple[Caption, ...]:
    """The captions meant by `chosen`, `all`, `alt`, `proposed`, `human` or `style:NAME`.

    `alt` are the source's, `proposed` those that a model gave from the picture, `human` those by `human:NAME`. InputError for other words.
    """
    if of == "chosen":
        return record.standing()
    if of == "all":
        return record.captions
    if of == "alt":
        return tuple(c for c in record.captions if c.by == "source")
    if of == "proposed":
        return tuple(c for c in record.captions if c.by != "source" and not c.parents and not c.by.startswith("human:"))
    if of == "human":
        return tuple(c for c in record.captions if c.by.startswith("human:"))
    kind, _, name = of.partition(":")
    if kind == "style" and name:
        return tuple(c for c in record.captions if c.style == name)
    raise InputError(f"captions must be one of chosen, all, alt, proposed, human, style:NAME, got {of!r}")


def questions_of(record: Record) -> tuple[Question, ...]:
    """The questions asked of the record itself, not of what one of its captions tells."""
    captions = {caption.id for caption in record.captions}
    return tuple(question for question in record.questions if question.about not in captions)


def captions_about(record: Record, question: Question) -> tuple[Caption, ...]:
    """The captions that this question, by its text, is asked of."""
    asked = {one.about for one in record.questions if one.text == question.text}
    return tuple(caption for caption in record.captions if caption.id in asked)


def text_of(records: Iterable[Record], of: str = "chosen") -> dict[str, str]:
    """Each record's one caption of those meant, by id; InputError where there is none or several."""
    found = texts_of(records, of)
    if unclear := [id for id, texts in found.items() if len(texts) != 1]:
        raise InputError(
            f"{len(unclear)} records have not one {of} caption, such as {unclear[0]!r} with {len(found[unclear[0]])}:"
            " name captions of which each has one (chosen, alt, human, style:NAME)"
        )
    return {id: texts[0] for id, texts in found.items()}


def texts_of(records: Iterable[Record], of: str) -> dict[str, tuple[str, ...]]:
    """Each record's captions of those meant, by id; InputError where no record has any."""
    found = {record.id: tuple(caption.text for caption in captions_of(record, of)) for record in records}
    if found and not any(found.values()):
        raise InputError(f"no record has a caption of {of}: name captions that they have (chosen, all, alt, proposed, human, style:NAME)")
    return found


def kept_in(batches: "Iterable[pa.RecordBatch]") -> Iterator[Record]:
    """The records of these batches that no step dropped or failed on."""
    from diptych.data.schema import from_batch  # noqa: PLC0415 - whoever reads no table waits for none

    return (record for batch in batches for record in from_batch(batch) if record.status.kind == "kept")
