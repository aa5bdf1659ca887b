"""Which of a record's captions are meant: `chosen`, `all`, `alt`, `proposed` or `style:NAME`."""

from diptych.data.errors import InputError
from diptych.data.records import Caption, Record


def captions_of(record: Record, of: str) -> tuple[Caption, ...]:
    """The captions meant; `proposed` are those that a model gave from the picture. InputError for other words."""
    if of == "chosen":
        return record.standing()
    if of == "all":
        return record.captions
    if of == "alt":
        return tuple(c for c in record.captions if c.by == "source")
    if of == "proposed":
        return tuple(c for c in record.captions if c.by != "source" and not c.parents)
    kind, _, name = of.partition(":")
    if kind == "style" and name:
        return tuple(c for c in record.captions if c.style == name)
    raise InputError(f"captions must be one of chosen, all, alt, proposed, style:NAME, got {of!r}")
