"""Which simulated experts an experiment uses: addresses made from the table of error rates and what a sweep changes in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

Options = Mapping[str, float | str]

PERFECT: Mapping[str, Options] = {
    "detector": {"recall": 1, "false_positive": 0, "small": 1, "attribute_recall": 1, "attribute_confusion": 0, "attribute_blind": 0,
                 "box_jitter": 0, "overlap": 0},
    "answerer": {"accuracy": 1, "yes_bias": 0, "count_accuracy": 1, "value_accuracy": 1},
    "ocr": {"recall": 1, "character_error": 0, "false_words": 0, "overlap": 0},
    "matcher": {"misjudged": 0, "binding_blind": 0, "noise": 0, "generic": 0},
    "painter": {"missed": 0, "attribute_error": 0, "swapped": 0, "count_error": 0, "relation_error": 0, "text_error": 0, "additions": 0},
    "embedder": {"missed": 0, "attribute_missed": 0, "binding_blind": 0, "count_blind": 0, "relation_blind": 0, "text_missed": 0,
                 "noise": 0},
    "comparer": {"missed": 0, "count_missed": 0, "relation_missed": 0, "text_missed": 0, "misread": 0, "false_alarm": 0},
    "entailer": {"accuracy": 1},
    "judge": {"accuracy": 1, "leniency": 0, "trust": 0, "sight": 1, "verbosity": 0, "noise": 0},
    "reader": {"accuracy": 1, "guess": 0},
    "segmenter": {"missed": 0, "jitter": 0},
    "depth": {"noise": 0, "squeeze": 0},
}  # fmt: skip
GUESSING: Mapping[str, Options] = {
    "detector": {"guessing": 1},
    "answerer": {"accuracy": 0.5, "yes_bias": 0, "count_accuracy": 0, "value_accuracy": 0},
    "ocr": {"recall": 0, "false_words": 0.5},
    "matcher": {"guessing": 1},
    "painter": {"guessing": 1},
    "embedder": {"guessing": 1},
    "comparer": {"guessing": 1},
    "entailer": {"guessing": 1},
    "judge": {"guessing": 1},
    "reader": {"guessing": 1},
    "segmenter": {"missed": 1},
    "depth": {"noise": 1},  # a map has no guess of its own: it is read in the boxes of a guessing detector
}


@dataclass(frozen=True, slots=True)
class Experts:
    """Addresses of `sim:` experts. `options` holds, by kind of expert, the rates that differ from the table's."""

    number: int = 3  # of captioners, each a family of its own
    options: Mapping[str, Options] = field(default_factory=dict)

    def changed(self, kind: str, **options: float | str) -> "Experts":
        """The same experts with other rates for one kind; those given before stay where they are not named."""
        return replace(self, options={**self.options, kind: {**self.options.get(kind, {}), **options}})

    def with_number(self, captioners: int) -> "Experts":
        """The same experts with another number of captioners."""
        return replace(self, number=captioners)

    def all_changed(self, table: Mapping[str, Options]) -> "Experts":
        """The same experts with a whole table of other rates; captioners stay as they are."""
        return replace(self, options={**self.options, **table})

    @property
    def captioners(self) -> tuple[str, ...]:
        """One address for each captioner."""
        return tuple(self._address("captioner", family=f"captioner{number}") for number in range(self.number))

    @property
    def detector(self) -> str:
        """An open-vocabulary detector with an attribute head."""
        return self._address("detector")

    @property
    def answerer(self) -> str:
        """A visual question answerer."""
        return self._address("answerer")

    @property
    def ocr(self) -> str:
        """A reader of words in pictures."""
        return self._address("ocr")

    @property
    def matcher(self) -> str:
        """A scorer of text against pictures."""
        return self._address("matcher")

    @property
    def painter(self) -> str:
        """A drawer of pictures from texts."""
        return self._address("painter")

    @property
    def embedder(self) -> str:
        """Pictures and texts to vectors."""
        return self._address("embedder")

    @property
    def comparer(self) -> str:
        """A teller of how two pictures differ."""
        return self._address("comparer")

    @property
    def entailer(self) -> str:
        """A judge of one text by another."""
        return self._address("entailer")

    @property
    def judge(self) -> str:
        """A scorer of captions from 1 to 6."""
        return self._address("judge")

    @property
    def reader(self) -> str:
        """A chat model that answers from a caption alone."""
        return self._address("reader")

    @property
    def segmenter(self) -> str:
        """Boxes to masks."""
        return self._address("segmenter")

    @property
    def depth(self) -> str:
        """Pictures to relative depth."""
        return self._address("depth")

    def _address(self, kind: str, **more: str) -> str:
        options = {**self.options.get(kind, {}), **more}
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"sim:{kind}" + (f"?{query}" if query else "")
