"""The tokeniser's automaton, made from scripts/ptb_rules.py by scripts/build_ptb.py."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

# S states (0 is the dead end, 1 the start), C families of characters, R rules


@dataclass(frozen=True)
class Automaton:
    """Moves over families of characters; the longest match wins, then the first rule."""

    moves_SC: NDArray[np.uint16]
    rule_S: NDArray[np.int16]  # -1 where a state accepts nothing
    cut_R: NDArray[np.int16]  # n > 0: the token is the first n characters of the match; n < 0: all but the last -n; 0: all
    action_R: tuple[str, ...]
    class_P: NDArray[np.uint8]  # of each code point up to 0xFFFF; later ones are as the last

    @cached_property
    def rows(self) -> list[list[int]]:
        """The moves as plain lists, which plain Python reads faster."""
        return self.moves_SC.tolist()  # type: ignore[no-any-return]

    @cached_property
    def rules(self) -> list[int]:
        """`rule_S` as a plain list."""
        return self.rule_S.tolist()  # type: ignore[no-any-return]

    @cached_property
    def cuts(self) -> list[int]:
        """`cut_R` as a plain list."""
        return self.cut_R.tolist()  # type: ignore[no-any-return]

    @cached_property
    def accepting(self) -> int:
        """The first state that accepts; all later ones do too."""
        return int(np.argmax(self.rule_S >= 0))

    @cached_property
    def kind_R(self) -> NDArray[np.uint8]:
        """0 where a rule makes a token, 1 where it drops the text, 2 where it ends a line."""
        return np.array([{"drop": 1, "line": 2}.get(action, 0) for action in self.action_R], np.uint8)

    def families(self, text: str) -> bytes:
        """Each character's family."""
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        return self.class_P[np.minimum(points, 0xFFFF)].tobytes()


@lru_cache(1)
def automaton() -> Automaton:
    """The automaton, read once."""
    data = (files("diptych.language") / "data" / "ptb_automaton.npz").read_bytes()
    with np.load(BytesIO(data)) as kept:
        class_P = np.repeat(kept["classes"], np.diff(kept["starts"], append=0x10000))
        return Automaton(kept["moves_SC"], kept["rule_S"], kept["cut_R"], tuple(map(str, kept["action_R"])), class_P)
