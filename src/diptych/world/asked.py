"""What the address of a world may ask of its scenes: `things=1-6&nouns=12&colours=8&pairs=seen`, `copies=2-7&others=0-2&counts=unseen`."""

from collections.abc import Mapping

from diptych.data.draws import uniform
from diptych.data.errors import SourceError
from diptych.world.catalogue import BY_GROUND, BY_LIGHT, CATEGORIES, COLOURS, MATERIALS
from diptych.world.sample import Options, held_out_counts, held_out_pairs

KNOWN = (
    "noise", "seed", "size", "things", "pairs", "elevation", "light", "ground", "bags",
    "nouns", "colours", "sizes", "materials", "written", "stacked", "tail", "copies", "others", "counts",
    "paragraph", "questions",
)  # fmt: skip
DIGITS = 15
_HELD_OUT = 0.1  # share of (category, colour) pairs behind pairs=seen and pairs=unseen; the same for every seed
_HELD_OUT_COUNTS = 0.15  # share of (category, number) behind counts=seen and counts=unseen
_SIDES = ("seen", "unseen")


def nouns_by_spread() -> tuple[str, ...]:
    """All nouns in the order of `nouns=N`: the families take turns, so that few nouns look as different as they can."""
    places: dict[str, int] = {}
    ranked = []
    for category in CATEGORIES:
        places[category.family] = place = places.get(category.family, -1) + 1
        ranked.append((place, uniform(0, "spread", category.family), category.noun))
    return tuple(noun for _, _, noun in sorted(ranked))


def options_of(address: str, said: Mapping[str, str]) -> Options:
    """Options of scenes from what an address says; SourceError for a value that it may not have.

    nouns, colours and materials are the first N or names with commas; `tail=1` makes the k-th noun 1 / k as common; `copies=2-7` puts so
    many things of one noun and colour into each scene, with `others=0-2` things of other nouns; `written` and `stacked` are chances.
    `pairs` and `counts` say whether a fixed tenth of all (noun, colour), .15 of all (noun, number), is left out or alone asked for.
    """
    chosen: dict[str, object] = dict(zip(("least", "most"), _span(address, "things", said.get("things", "1-9"), 1), strict=True))
    named: dict[str, tuple[str, ...]] = {"nouns": nouns_by_spread(), "colours": tuple(COLOURS), "materials": MATERIALS}
    chosen |= {name: _some(address, name, said[name], known) for name, known in named.items() if name in said}
    chosen |= {name: number(address, name, said[name], 0.0, 1.0) for name in ("written", "stacked") if name in said}
    if "sizes" in said:
        chosen["sizes"] = _some(address, "sizes", said["sizes"], ("small", "medium", "large"))
    if "tail" in said:
        chosen["tail"] = number(address, "tail", said["tail"], 0.0, 4.0)
    if "copies" in said:
        chosen |= {"copies": _span(address, "copies", said["copies"], 1), "others": _span(address, "others", said.get("others", "0-2"), 0)}
    if "elevation" in said:
        angle = number(address, "elevation", said["elevation"], 15.0, 75.0)
        chosen["elevations"] = (angle - 2.0, angle + 2.0)
    for name, field, known in (("light", "lights", tuple(BY_LIGHT)), ("ground", "grounds", tuple(BY_GROUND))):
        if name in said:
            chosen[field] = (one_of(address, name, said[name], known),)
    return Options(**(chosen | _held_out(address, said, chosen)))  # type: ignore[arg-type]


def _held_out(address: str, said: Mapping[str, str], chosen: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    options = Options(**chosen)  # type: ignore[arg-type]
    if "pairs" in said:
        # drawn from all nouns and colours, so that a narrower world holds out the same
        held = {(noun, colour) for noun, colour in held_out_pairs(_HELD_OUT, 0) if noun in options.nouns and colour in options.colours}
        found[_side(address, said, "pairs", held, ("never", "only"))] = frozenset(held)
    if "counts" in said:
        if options.copies is None:
            raise SourceError(f"counts=... is of scenes with copies, got none in {address!r}: add copies=LEAST-MOST")
        numbers = held_out_counts(_HELD_OUT_COUNTS, 0, options)
        found[_side(address, said, "counts", numbers, ("never_counts", "only_counts"))] = numbers
    return found


def _side(address: str, said: Mapping[str, str], name: str, held: object, fields: tuple[str, str]) -> str:
    side = one_of(address, name, said[name], _SIDES)
    if side == "unseen" and not held:
        raise SourceError(f"none of these nouns has held-out {name} in {address!r}: ask for more nouns or colours")
    return fields[_SIDES.index(side)]


def _some(address: str, name: str, text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    if text.isdecimal():
        return known[: whole(address, name, text, 1, len(known))]
    return tuple(one_of(address, name, one, known) for one in dict.fromkeys(text.split(",")))


def _span(address: str, name: str, text: str, low: int) -> tuple[int, int]:
    least, dash, most = text.partition("-")
    return whole(address, name, least, low, 9), whole(address, name, most if dash else least, low, 9)


def plain(text: str) -> int:
    """A short run of digits as a number, else -1."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else -1


def whole(address: str, name: str, text: str, low: int, high: int) -> int:
    """A whole number in its range; SourceError otherwise."""
    if not low <= plain(text) <= high:
        raise SourceError(f"{name} must be a whole number from {low} to {high}, got {text!r} in {address!r}")
    return int(text)


def number(address: str, name: str, text: str, low: float, high: float) -> float:
    """A number in its range; SourceError otherwise."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise SourceError(f"{name} must lie in [{low}, {high}], got {text!r} in {address!r}")
    return value


def one_of(address: str, name: str, text: str, known: tuple[str, ...]) -> str:
    """One of the known values; SourceError otherwise."""
    if text not in known:
        raise SourceError(f"{name} must be one of {', '.join(known)}, got {text!r} in {address!r}")
    return text
