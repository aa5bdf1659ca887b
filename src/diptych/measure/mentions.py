"""Which of the 80 COCO classes a text mentions: by a synonym list in CHAIR's format, or by WordNet on the parsed nouns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from diptych.data.errors import SourceError
from diptych.language.parse import parse
from diptych.language.wordnet import hypernyms, is_animate, singular, synonyms

_NAMES = (
    "person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,parking meter,bench,bird,cat,dog,"
    "horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,"
    "baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,knife,spoon,bowl,banana,apple,sandwich,"
    "orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,dining table,toilet,tv,laptop,mouse,remote,keyboard,"
    "cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,vase,scissors,teddy bear,hair drier,toothbrush"
)
COCO = tuple(_NAMES.split(","))
# two words that are one thing, as CHAIR's released code has them; those in no class ("home plate") keep their parts from counting
_DOUBLES = (
    "motor bike,motor cycle,air plane,traffic light,street light,traffic signal,stop light,fire hydrant,stop sign,parking meter,suit case,"
    "sports ball,baseball bat,baseball glove,tennis racket,wine glass,hot dog,cell phone,mobile phone,teddy bear,hair drier,potted plant,"
    "laptop computer,home plate,train track"
)
_YOUNG_OR_GROWN = "bird cat dog horse sheep cow elephant bear zebra giraffe animal cub"
_FOR_PASSENGERS = "jet train"
DOUBLES: Mapping[str, str] = {
    **{double: double for double in _DOUBLES.split(",")},
    **{f"{which} {animal}": animal for animal in _YOUNG_OR_GROWN.split() for which in ("baby", "adult")},
    **{f"passenger {vehicle}": vehicle for vehicle in _FOR_PASSENGERS.split()},
    "bow tie": "tie",
    "toilet seat": "toilet",
}
_TOKEN = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_LIST_BYTES = 1_000_000


class Mentions(Protocol):
    """Reads the classes that a text mentions, in order, once for each mention; `how` says by what rule."""

    @property
    def how(self) -> str:
        """The rule and its settings."""

    def __call__(self, text: str) -> tuple[str, ...]:
        """Classes in order of mention."""


@dataclass(frozen=True, slots=True)
class ListedWords:
    """Every word or double word of the text that stands in the list, whatever its part of speech (an orange cat mentions an orange)."""

    names: Mapping[str, str] = field(repr=False)  # word, singular -> class
    how: str = "synonym list"

    def __call__(self, text: str) -> tuple[str, ...]:
        """Classes in order of mention."""
        words = _joined([singular(word) for word in _TOKEN.findall(text.lower())])
        if "toilet" in words:
            words = [word for word in words if word != "seat"]
        return tuple(self.names[word] for word in words if word in self.names)


def read_synonyms(path: str | Path) -> ListedWords:
    """A list in CHAIR's format: a line for each class, its name first, its other words after commas.

    Read as the released code reads it, so that figures agree: a word with a stray blank or a capital letter in the list never matches.
    Singulars are ours and not those of the library that code used. Raises SourceError for a file that is missing, too large or no text.
    """
    file = Path(path)
    try:
        if file.stat().st_size > _LIST_BYTES:
            raise SourceError(f"{file} has over {_LIST_BYTES:,} bytes: a synonym list has one short line for each class")
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{file} cannot be read as a synonym list: {error}") from error
    rows = [line.strip().split(", ") for line in lines if line.strip()]
    return ListedWords({word: row[0] for row in rows for word in row}, f"synonym list {file.name}, {len(rows)} classes, every mention")


def _joined(words: list[str]) -> list[str]:
    """Double words made one, from the left."""
    found: list[str] = []
    at = 0
    while at < len(words):
        double = DOUBLES.get(" ".join(words[at : at + 2])) if at + 1 < len(words) else None
        found.append(double or words[at])
        at += 2 if double else 1
    return found


@dataclass(frozen=True, slots=True)
class WordNetNouns:
    """The nouns that the parser finds, denied and hedged ones left out, joined to classes by WordNet; no list is needed."""

    classes: tuple[str, ...] = COCO
    how: str = "COCO classes by WordNet over parsed nouns, every mention"

    def __call__(self, text: str) -> tuple[str, ...]:
        """Classes in order of mention."""
        entities = parse(text).entities
        found = (class_of(e.noun, self.classes) for e in entities if not e.negated and not e.hedged)
        return tuple(name for name in found if name)


# far ancestors of many things, which WordNet's usual three levels do not reach
_FAR = frozenset(("person", "bird", "boat"))
_FAR_LEVELS = 9
_NEAR_LEVELS = 3
_ANIMALS = frozenset(("animal", "bird", "mammal", "fowl", "fish", "insect"))
# words for a class that WordNet gives another place, or one too general; other general words (animal, vehicle, sign, bag) name no class
_SAID_FOR = {
    word: name
    for name, words in {
        "person": "people worker guy biker adult male female soldier", "bicycle": "bike", "car": "suv",
        "motorcycle": "motor_bike motor_cycle scooter moped",
        "airplane": "air_plane aircraft", "truck": "firetruck fire_truck", "train": "tram", "boat": "sailboat yacht catamaran ferry",
        "traffic light": "traffic_signal stop_light stoplight", "cow": "cattle bull ox calf", "horse": "colt", "bear": "panda",
        "bus": "trolley", "suitcase": "luggage suit_case", "sports ball": "ball", "baseball bat": "bat", "tennis racket": "racket",
        "fire hydrant": "hydrant", "parking meter": "meter", "chair": "seat stool", "couch": "futon recliner settee",
        "dining table": "table desk", "tv": "television monitor", "laptop": "computer laptop_computer", "cell phone": "phone mobile_phone",
        "oven": "stove stovetop", "donut": "bagel", "hot dog": "hotdog",
        "teddy bear": "teddybear", "bird": "chicken ostrich gull seagull turkey",
    }.items()
    for word in words.replace("_", "-").split()
}  # fmt: skip
# words of which a meaning that captions rarely have would win, and games that are no balls
_OTHER_SENSES = (
    "fry trailer pot tower dish vessel sign light bag glove glass plant board container bathroom restroom closet can park row blanket tank "
    "gear wagon carriage poster knight coach sticker doll stadium arena type trick catch sort sport printer scanner divider planter slicer "
    "cookie jack tail sun name commuter baseball basketball football controller disc crane flat electric red gray double party twin"
)
_OTHERWISE = frozenset(_OTHER_SENSES.split())


@lru_cache(1 << 14)
def class_of(noun: str, classes: tuple[str, ...] = COCO) -> str:
    """The class that a singular noun names: itself, a usual word for it, its head's, its synonym's or nearest ancestor's; "" for none."""
    if noun in classes:
        return noun
    known = _SAID_FOR.get(noun.replace(" ", "-"), DOUBLES.get(noun, ""))
    if known and known != noun:
        return class_of(known, classes)
    head = noun.rpartition(" ")[2]
    if head in classes or head in _SAID_FOR:
        return "" if known == noun else class_of(head, classes)
    return "" if noun in _OTHERWISE else _nearest(noun, classes)


def _nearest(noun: str, classes: tuple[str, ...]) -> str:
    alike = synonyms(noun)
    for name in classes:
        if name in alike and name != "person" and noun not in hypernyms(name, _FAR_LEVELS):
            return name
    above = hypernyms(noun, _FAR_LEVELS)
    if "person" in classes and "person" in above and is_animate(noun) and above.isdisjoint(_ANIMALS):
        return "person"
    for level in range(1, _FAR_LEVELS + 1):
        words = hypernyms(noun, level)
        for name in classes:
            reachable = level <= _NEAR_LEVELS or name in _FAR
            if name in words and name != "person" and reachable and noun not in hypernyms(name, _FAR_LEVELS):
                return name
    return ""
