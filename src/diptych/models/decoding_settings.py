"""How to decode, and what comes of it."""

from dataclasses import dataclass
from typing import Literal

from diptych.data.errors import InputError

EOS = 2


@dataclass(frozen=True, slots=True)
class Settings:
    """How to decode: at most `most` words, the ending one included.

    `greedy` takes the likeliest word; `beam` keeps the `beams` likeliest texts and ranks by log probability / length ** `penalty`;
    `sample` draws at `temperature` from the smallest set of words that holds `nucleus` of the probability (Holtzman et al., 2020,
    arXiv:1904.09751). `draws` is the number of texts a row: draws, or the best beams. Draws hang on (`seed`, the row's key, the draw,
    the word's place) alone.
    """

    method: Literal["greedy", "beam", "sample"] = "greedy"
    most: int = 40
    beams: int = 4
    penalty: float = 1.0
    temperature: float = 1.0
    nucleus: float = 1.0
    draws: int = 1
    seed: int = 0
    end: int = EOS

    def __post_init__(self) -> None:
        checks = {
            "most": (self.most >= 1, "be at least 1"),
            "beams": (self.beams >= 1, "be at least 1"),
            "temperature": (self.temperature > 0, "be over 0; for the likeliest word use method='greedy'"),
            "nucleus": (0 < self.nucleus <= 1, "lie in (0, 1]"),
            "draws": (self.draws >= 1, "be at least 1"),
        }
        for name, (holds, rule) in checks.items():
            if not holds:
                raise InputError(f"{name} must {rule}, got {getattr(self, name)}")
        if self.method == "beam" and self.draws > self.beams:
            raise InputError(f"{self.draws} texts cannot come of {self.beams} beams: set beams to at least {self.draws}")
        if self.method == "greedy" and self.draws > 1:
            raise InputError(f"greedy decoding gives one text a row, got draws={self.draws}: use method='sample' or 'beam'")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text: its ids without begin and end, the sum of its words' log probabilities under the scorer (end included, temperature 1).

    `score` is what it was ranked by: the log probability, by beams over length ** penalty. `ended` is whether it came to its end.
    """

    ids: tuple[int, ...]
    text: str
    log_probability: float
    score: float
    ended: bool
