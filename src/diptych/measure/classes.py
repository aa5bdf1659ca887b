"""The 80 classes of COCO, and which of them a noun names."""

from collections.abc import Mapping
from functools import lru_cache

from diptych.language.wordnet import hypernyms, is_animate, synonyms

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
# far ancestors of many things, which WordNet's usual three levels do not reach
_FAR = frozenset(("person", "bird", "boat"))
_FAR_LEVELS = 9
_NEAR_LEVELS = 3
_ANIMALS = frozenset(("animal", "bird", "mammal", "fowl", "fish", "insect"))
# words for a class that WordNet gives another place, or too general ones; other general words (animal, vehicle, sign) name no class
_SAID_FOR = """
person: people, worker, guy, biker, adult, male, female, soldier
bicycle: bike
car: suv
motorcycle: motor bike, motor cycle, scooter, moped
airplane: air plane, aircraft
bus: trolley
train: tram
truck: firetruck, fire truck
boat: sailboat, yacht, catamaran, ferry
traffic light: traffic signal, stop light, stoplight
fire hydrant: hydrant
parking meter: meter
bird: chicken, ostrich, gull, seagull, turkey
horse: colt
cow: cattle, bull, ox, calf
bear: panda
suitcase: luggage, suit case
skis: water ski
sports ball: ball
baseball bat: bat
tennis racket: racket
donut: bagel
hot dog: hotdog
chair: seat, stool
couch: futon, recliner, settee
dining table: table, desk
toilet: toilet bowl, urinal
tv: television, monitor
laptop: computer, laptop computer
cell phone: phone, mobile phone
oven: stove, stovetop
clock: clock tower, clock face
teddy bear: teddybear
"""
# words of which a meaning that captions rarely have would win, and games that are no balls
_OTHER_SENSES = """
fry trailer pot tower dish vessel sign light bag glove glass plant board container bathroom restroom closet can park row blanket tank gear
wagon carriage poster knight coach sticker doll stadium arena type trick catch sort sport printer scanner divider planter slicer closer
modern natural lower comforter letter cookie jack tail sun name commuter baseball basketball football controller disc crane flat electric
red gray double party twin
"""


def _words_for(table: str) -> dict[str, str]:
    rows = (row.split(": ") for row in table.strip().splitlines())
    return {word: name for name, words in rows for word in words.split(", ")}


_USUAL = _words_for(_SAID_FOR)
_OTHERWISE = frozenset(_OTHER_SENSES.split())


@lru_cache(1 << 14)
def class_of(noun: str, classes: tuple[str, ...] = COCO) -> str:
    """The class that a singular noun names: itself, a usual word for it, its head's, its synonym's or nearest ancestor's; "" for none."""
    if noun in classes:
        return noun
    known = _USUAL.get(noun, "")
    if known in classes:
        return known
    double = DOUBLES.get(noun, "")
    if double and double != noun:
        return class_of(double, classes)
    head = noun.rpartition(" ")[2]
    if head != noun and (head in classes or _USUAL.get(head) in classes):
        return "" if double == noun else class_of(head, classes)
    return "" if noun in _OTHERWISE or head in _OTHERWISE else _nearest(noun, classes)


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
