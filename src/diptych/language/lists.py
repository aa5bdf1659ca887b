"""The package's own word lists, from data/words.txt."""

from functools import cache
from importlib.resources import files


@cache
def _sections() -> dict[str, tuple[str, ...]]:
    text = (files("diptych.language") / "data" / "words.txt").read_text("utf-8")
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        row = line.strip()
        if row.startswith("["):
            name = row.strip("[]")
            found[name] = []
        elif row and not row.startswith("#"):
            found[name].append(row)
    return {name: tuple(rows) for name, rows in found.items()}


@cache
def rows(section: str) -> tuple[str, ...]:
    """The lines of a section."""
    return _sections()[section]


@cache
def words(section: str) -> frozenset[str]:
    """A section of single words."""
    return frozenset(" ".join(rows(section)).split())


@cache
def phrases(section: str) -> frozenset[str]:
    """A section of words and phrases, separated by commas."""
    return frozenset(phrase.strip() for row in rows(section) for phrase in row.split(",") if phrase.strip())


@cache
def mapping(section: str) -> dict[str, str]:
    """A section of rows "a: b"; "a, b: c" gives both a and b."""
    table: dict[str, str] = {}
    for row in rows(section):
        keys, _, value = row.partition(": ")
        table |= dict.fromkeys((key.strip() for key in keys.split(",")), value.strip())
    return table


@cache
def pairs(section: str) -> frozenset[tuple[str, str]]:
    """A section of rows "a: b, c", as pairs (a, b), (b, a), (a, c), (c, a)."""
    found: set[tuple[str, str]] = set()
    for row in rows(section):
        head, _, rest = row.partition(": ")
        for word in rest.split(", "):
            found |= {(head, word), (word, head)}
    return frozenset(found)
