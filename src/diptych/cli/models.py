"""`diptych models`: which addresses answer here, by ability. Opens nothing."""

import json
from collections.abc import Sequence

from diptych.cli import usage
from diptych.data.errors import InputError
from diptych.models.abilities import Entailer, Writer
from diptych.models.files import ABILITIES
from diptych.models.nano_scheme import KNOWN
from diptych.models.trained import TYPES
from diptych.world.schemes import SIMULATED

NEEDS = {
    "nano": "shipped; knows the world alone; needs the extra models",
    "hf": "a folder that `diptych train` or `save_pretrained` wrote; needs the extra models",
    "file": "annotations or captions of yours as an expert",
    "rules": "language without a model",
    "sim": "simulated, with set error rates; on a world: source",
}


def models(arguments: Sequence[str]) -> int:
    """Addresses of models by what they can do."""
    parser = usage.parser("diptych models", models.__doc__)
    parser.add_argument("ability", nargs="?", metavar="ABILITY", help="captioner, matcher, embedder, detector, answerer, ...")
    parser.add_argument("--json", action="store_true", help="one object a line")
    given = parser.parse_args(arguments)
    found = addresses()
    if given.ability and given.ability.lower() not in found:
        raise InputError(f"there is no ability {given.ability!r}: it must be one of {', '.join(found)}")
    for ability in [given.ability.lower()] if given.ability else list(found):
        for address in found[ability]:
            needs = NEEDS[address.partition(":")[0]]
            if given.json:
                print(json.dumps({"ability": ability, "address": address, "needs": needs}))
            else:
                print(f"{ability:<15} {address:<20} {needs}")
    return 0


def addresses() -> dict[str, list[str]]:
    """By ability, in order of the alphabet."""
    found: dict[str, list[str]] = {}

    def add(able: type, address: str) -> None:
        found.setdefault(able.__name__.lower(), []).append(address)

    for name, (able, *_) in KNOWN.items():
        add(able, f"nano:{name}")
    for trained in dict.fromkeys(one for able, _ in TYPES.values() for one in able):
        add(trained, "hf:./PATH")
    for annotated in ABILITIES:
        add(annotated, "file:PATH")
    for ruled in (Writer, Entailer):
        add(ruled, "rules:")
    for name, (_, _, able) in SIMULATED.items():
        add(able, f"sim:{name}")
    return dict(sorted(found.items()))
