"""Compiles ptb_rules.py to the automaton in src/diptych/language/data/ptb_automaton.npz: python scripts/build_ptb.py."""

import re._constants as code
import re._parser as parser
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from ptb_rules import RULES

HERE = Path(__file__).parent
OUT = HERE.parent / "src" / "diptych" / "language" / "data" / "ptb_automaton.npz"


@dataclass
class Nfa:
    """States with empty moves and moves on a set of signs (Thompson, 1968)."""

    signs: frozenset[str]
    empty: list[list[int]] = field(default_factory=list)
    moves: list[tuple[frozenset[str], int] | None] = field(default_factory=list)

    def state(self) -> int:
        """A new state."""
        self.empty.append([])
        self.moves.append(None)
        return len(self.empty) - 1

    def chain(self, items, at: int) -> int:
        """The state after all items."""
        for item in items:
            at = self.item(item, at)
        return at

    def step(self, at: int, signs) -> int:
        """The state after one of the signs."""
        before, after = self.state(), self.state()
        self.empty[at].append(before)
        self.moves[before] = (frozenset(signs), after)
        return after

    def item(self, item, at: int) -> int:
        """The state after one parsed item of a pattern."""
        kind, value = item
        if kind in (code.LITERAL, code.NOT_LITERAL, code.ANY, code.IN):
            return self.step(at, chosen(kind, value, self.signs))
        if kind is code.BRANCH:
            end = self.state()
            for way in value[1]:
                start = self.state()
                self.empty[at].append(start)
                self.empty[self.chain(way, start)].append(end)
            return end
        if kind is code.SUBPATTERN:
            return self.chain(value[3], at)
        if kind is not code.MAX_REPEAT:
            raise ValueError(f"patterns may not hold {kind}")
        return self.repeat(*value, at)

    def repeat(self, low: int, high: int, items, at: int) -> int:
        """The state after low to high times the items."""
        for _ in range(low):
            at = self.chain(items, at)
        end = self.state()
        if high is code.MAXREPEAT:
            loop = self.state()
            self.empty[at].append(loop)
            self.empty[loop].append(end)
            self.empty[self.chain(items, loop)].append(loop)
            return end
        self.empty[at].append(end)
        for _ in range(high - low):
            at = self.chain(items, at)
            self.empty[at].append(end)
        return end


def chosen(kind, value, signs: frozenset[str]) -> set[str]:
    """The signs that one item of a pattern takes; a range takes only ASCII."""
    if kind is code.ANY:
        return set(signs) - {"\n"}
    if kind in (code.LITERAL, code.NOT_LITERAL):
        found = {chr(value)}
    else:
        found = {chr(v) for k, v in value if k is code.LITERAL}
        found |= {chr(c) for k, v in value if k is code.RANGE for c in range(v[0], v[1] + 1)}
    if found - signs:
        raise ValueError(f"{sorted(found - signs)} stand for no family of characters")
    negative = kind is code.NOT_LITERAL or (kind is code.IN and value[0][0] is code.NEGATE)
    return set(signs) - found if negative else found


def subsets(nfa: Nfa, start: int, ends: dict[int, int]) -> tuple[list[dict[str, int]], list[int]]:
    """The automaton's moves and the rule that each of its states accepts (-1: none)."""
    closures: dict[int, frozenset[int]] = {}

    def closure(state: int) -> frozenset[int]:
        if state not in closures:
            seen, todo = {state}, [state]
            while todo:
                new = [s for s in nfa.empty[todo.pop()] if s not in seen]
                seen.update(new)
                todo.extend(new)
            closures[state] = frozenset(s for s in seen if nfa.moves[s] or s in ends)
        return closures[state]

    order = [closure(start)]
    number = {order[0]: 0}
    moves: list[dict[str, int]] = []
    for state in order:
        to: dict[str, set[int]] = {}
        for sign, after in ((sign, move[1]) for s in state if (move := nfa.moves[s]) for sign in move[0]):
            to.setdefault(sign, set()).add(after)
        row = {}
        for sign, after in sorted(to.items()):  # a set has another order in every run
            target = frozenset[int]().union(*map(closure, after))
            if target not in number:
                number[target] = len(order)
                order.append(target)
            row[sign] = number[target]
        moves.append(row)
    return moves, [min((ends[s] for s in state if s in ends), default=-1) for state in order]


def smallest(moves: list[dict[str, int]], rules: list[int], signs: list[str]) -> tuple[list[list[int]], list[int]]:
    """Equal states joined (Moore, 1956); state 0 is the dead end and state 1 the start."""
    rows = [[row.get(sign, -1) for sign in signs] for row in moves]
    part, count = list(rules), 0
    while count != len(set(part)):
        count = len(set(part))
        seen: dict[tuple[int, ...], int] = {}
        part = [seen.setdefault((p, *(part[t] if t >= 0 else -9 for t in row)), len(seen)) for p, row in zip(part, rows, strict=True)]
    number: dict[int, int] = {}
    # states that accept come last, so that one comparison tells; the start is the first of the others
    for p, _ in sorted(zip(part, rules, strict=True), key=lambda both: both[1] >= 0):
        number.setdefault(p, len(number) + 1)
    table = [[0] * len(signs) for _ in range(len(number) + 1)]
    accepts = [-1] * (len(number) + 1)
    for p, row, rule in zip(part, rows, rules, strict=True):
        table[number[p]] = [number[part[t]] if t >= 0 else 0 for t in row]
        accepts[number[p]] = rule
    return table, accepts


def width(pattern: str) -> int | None:
    """How many characters the pattern takes, where that is fixed."""
    low, high = parser.parse(pattern).getwidth()
    return low if low == high else None


def cut(rule) -> int:
    """Where a match ends when something must follow: after n characters (n > 0), or -n before the end of what follows (n < 0)."""
    if not rule.ahead:
        return 0
    if (fixed := width(rule.pattern)) is not None:
        return fixed
    if (fixed := width(rule.ahead)) is None:
        raise ValueError(f"{rule}: either the pattern or what follows must have a fixed length")
    return -fixed


def main() -> None:
    """Writes the automaton."""
    points = [tuple(int(part, 16) for part in line.split()) for line in (HERE / "ptb_classes.txt").read_text().splitlines()]
    signs = sorted({chr(sign) for _, sign in points})
    nfa = Nfa(frozenset(signs))
    start = nfa.state()
    ends = {}
    for number, rule in enumerate(RULES):
        first = nfa.state()
        nfa.empty[start].append(first)
        last = nfa.chain(parser.parse(rule.pattern), first)
        last = nfa.chain(parser.parse(rule.ahead), last) if rule.ahead else last
        end = nfa.state()
        nfa.empty[last].append(end)
        ends[end] = number
    table, accepts = smallest(*subsets(nfa, start, ends), signs)
    np.savez_compressed(
        OUT,
        moves_SC=np.array(table, np.uint16),
        rule_S=np.array(accepts, np.int16),
        cut_R=np.array([cut(rule) for rule in RULES], np.int16),
        action_R=np.array([rule.action for rule in RULES]),
        starts=np.array([point for point, _ in points], np.uint32),
        classes=np.array([signs.index(chr(sign)) for _, sign in points], np.uint8),
    )
    print(f"{len(RULES)} rules, {len(table)} states, {len(signs)} families, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
