"""`diptych models`: which addresses answer here, by ability, real ones to begin with among them; or what one address is. Opens nothing."""

from collections.abc import Sequence
from typing import Any

from diptych.cli import usage
from diptych.cli.model_told import described
from diptych.data.errors import InputError
from diptych.models.abilities import Answerer, Detector, Entailer, Ocr, Writer
from diptych.models.files import ABILITIES
from diptych.models.hf_kinds import ABLE, SEES
from diptych.models.nano_scheme import KNOWN
from diptych.models.suggested import SUGGESTED
from diptych.world.schemes import SIMULATED

NEEDS = {
    "nano": "shipped; knows the world alone; needs the extra models",
    "hf": "a folder that `diptych train` or `save_pretrained` wrote, or hf:ORG/NAME[@REVISION] of the hub; needs the extra models",
    "openai": "any server that speaks OpenAI's protocol; needs the extra hosted",
    "file": "annotations or captions of yours (COCO, YOLO, JSON lines, ...) as an expert",
    "tesseract": "printed words; needs the program tesseract (apt-get install tesseract-ocr)",
    "rapidocr": "printed words, also in photographs; needs the extra experts",
    "faces": "faces from the front; needs the extra experts",
    "colours": "colours of a crop or a picture, by its pixels",
    "rules": "language without a model",
    "sim": "simulated, with set error rates; on a world: source",
}


def models(arguments: Sequence[str]) -> int:
    """Addresses of models by what they can do, or what one address is, without opening it."""
    parser = usage.parser("diptych models", models.__doc__)
    parser.add_argument(
        "which", nargs="?", metavar="ABILITY | ADDRESS", help="captioner, matcher, detector, ...; or hf:./PATH and the like"
    )
    parser.add_argument("--json", action="store_true", help="one object a line")
    given = parser.parse_args(arguments)
    if given.which and ":" in given.which:
        _one(described(given.which, rows()), given.json)
        return 0
    found = rows()
    known = list(dict.fromkeys(row["ability"] for row in found))
    if given.which and given.which.lower() not in known:
        raise InputError(f"there is no ability {given.which!r}: it must be one of {', '.join(known)}, or an address such as hf:./PATH")
    chosen = [row for row in found if given.which is None or row["ability"] == given.which.lower()]
    width = max(len(row["address"]) for row in chosen)
    for row in chosen:
        print(usage.in_json(row) if given.json else f"{row['ability']:<15} {row['address']:<{width}} {row['needs']}")
    return 0


def rows() -> list[dict[str, Any]]:
    """What there is, by ability in order of the alphabet: what answers here, then real models to begin with."""
    own = [{"ability": ability, "address": address, "needs": NEEDS[address.partition(":")[0]]} for ability, address in _own()]
    real = [
        {"ability": able.__name__.lower(), "address": one.address, "needs": one.told, "licence": one.licence, "where": one.where}
        for one in SUGGESTED
        for able in one.abilities
    ]
    return sorted([*own, *real], key=lambda row: row["ability"])


def _own() -> list[tuple[str, str]]:
    found = [(able, f"nano:{name}") for name, (able, *_) in KNOWN.items()]
    found += [(able, "hf:./PATH") for able in ABLE]
    found += [(able, "openai:MODEL") for able in SEES]
    found += [(able, "file:PATH") for able in ABILITIES]
    found += [(able, f"{scheme}:") for scheme, able in (("tesseract", Ocr), ("rapidocr", Ocr), ("faces", Detector), ("colours", Answerer))]
    found += [(able, "rules:") for able in (Writer, Entailer)]
    found += [(able, f"sim:{name}") for name, (_, _, able) in SIMULATED.items()]
    return [(able.__name__.lower(), address) for able, address in found]


def _one(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(usage.in_json(told))
        return
    for name, value in told.items():
        if value:
            print(usage.visible(f"{name:<10} {', '.join(value) if isinstance(value, list) else value}"))
