"""Whether two words mean the same thing or property, and which properties exclude each other. Answers are remembered."""

from functools import lru_cache

from diptych.language.wordnet import same_property

COLOURS = frozenset(
    ("red", "orange", "yellow", "green", "cyan", "teal", "turquoise", "blue", "navy", "purple", "violet", "pink", "magenta", "maroon",
     "white", "black", "brown", "gray", "silver", "gold", "golden", "beige", "tan", "cream")
)  # fmt: skip
SHADES = frozenset(("light", "dark", "bright", "pale", "deep", "pastel", "vivid", "neon"))
_NEAR_COLOURS = (
    {"cyan", "teal", "turquoise", "blue"}, {"blue", "navy"}, {"purple", "violet"}, {"pink", "magenta"}, {"red", "maroon"},
    {"gray", "silver"}, {"gold", "golden", "yellow"}, {"beige", "tan", "cream", "brown"}, {"cream", "white", "beige"},
)  # fmt: skip
_SIZES = {
    "tiny": 0, "small": 0, "little": 0, "miniature": 0, "mini": 0, "medium": 1, "medium-sized": 1, "large": 2, "big": 2, "huge": 2,
    "giant": 2, "enormous": 2,
}  # fmt: skip
_MATERIALS = frozenset(
    ("wooden", "metal", "metallic", "plastic", "glass", "stone", "brick", "concrete", "leather", "paper", "rubber", "ceramic")
)  # fmt: skip
_SURFACES = frozenset(("matte", "striped", "checkered", "shiny"))
_OPPOSITES = frozenset(
    frozenset(pair)
    for pair in (
        ("open", "closed"), ("empty", "full"), ("old", "young"), ("old", "new"), ("wet", "dry"), ("tall", "short"), ("clean", "dirty"),
        ("long", "short"), ("male", "female"), ("indoor", "outdoor"), ("sit", "stand"), ("stand", "lie"), ("sit", "lie"),
        ("sleep", "stand"), ("sleep", "run"), ("lit", "unlit"),
    )
)  # fmt: skip


@lru_cache(65536)
def same_value(one: str, other: str) -> bool:
    """Whether two attribute values say the same, shades of one colour included."""
    if one == other:
        return True
    a, b = hue(one), hue(other)
    if a or b:
        return a == b
    size = _SIZES.get(one)
    if size is not None and other in _SIZES:
        return size == _SIZES[other]
    return same_property(one, other)


@lru_cache(65536)
def hue(value: str) -> str:
    """The colour that a value names ("dark grey" -> "gray"), or nothing."""
    *shades, last = value.replace("grey", "gray").replace("-", " ").split() or [""]
    return last if last in COLOURS and all(word in SHADES for word in shades) else ""


@lru_cache(65536)
def exclude(one: str, other: str) -> bool:
    """Whether one thing can hardly have both values: two colours, two sizes, two materials, or opposites."""
    if same_value(one, other):
        return False
    a, b = hue(one), hue(other)
    if a and b:
        return not any(a in group and b in group for group in _NEAR_COLOURS)
    if one in _SIZES and other in _SIZES:
        return True
    return (one in _MATERIALS and other in _MATERIALS) or (one in _SURFACES and other in _SURFACES) or frozenset((one, other)) in _OPPOSITES
