"""Agreement with the truth within each scene: its texts are ranked, and the taus averaged over scenes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diptych.data.results import Result
from diptych.lab.arms import Arm, Marks, result_of
from diptych.lab.ranks import tau_b
from diptych.measure.agreement import kendall_tau_b
from diptych.measure.agreement import pearson as pearson_of
from diptych.measure.intervals import ratio
from diptych.world.corrupt import HARMFUL, HARMLESS

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one scene with a metric's values, the truth's, and what was done to each; higher is better on both sides."""

    ours: Array
    truth: Array
    kinds: tuple[str, ...]


def scenes(ours: Sequence[Marks], truth: Sequence[Marks]) -> list[Texts]:
    """Scene by scene, in the order of the cases."""
    return list(_scenes(ours, truth))


def _scenes(ours: Sequence[Marks], truth: Sequence[Marks]) -> Iterator[Texts]:
    given, known = _values(ours), _values(truth)
    for cases in {marks.cases.seed: marks.cases for marks in ours}.values():
        units: dict[str, list[tuple[str, str]]] = {}
        for case in cases.listed:
            units.setdefault(case.unit, []).append((case.record.id, case.system))
        for rows in units.values():
            ids = [(cases.seed, id) for id, _ in rows]
            values, true = (np.array([side.get(one, np.nan) for one in ids]) for side in (given, known))
            yield Texts(values, true, tuple(kind for _, kind in rows))


def _values(listed: Sequence[Marks]) -> dict[tuple[int, str], float]:
    return {
        (marks.cases.seed, id): marks.sign * value
        for marks in listed
        for id, value in zip(marks.scored.ids, marks.scored.values_N.tolist(), strict=True)
    }


def within(ours: Sequence[Marks], truth: Sequence[Marks]) -> Arm:
    """Mean of the scenes' taus; scenes whose texts are all as true as one another say nothing, and are left out alike for every metric."""
    taus = [float(tau_b(texts.ours[None], texts.truth[None])[0]) for texts in scenes(ours, truth)]
    return Arm(np.array([(0.0, 0.0) if np.isnan(tau) else (tau, 1.0) for tau in taus]).reshape(-1, 2), ratio)


def within_others(ours: Sequence[Marks], truth: Sequence[Marks]) -> list[Result]:
    """Tau and linear correlation over the texts of all scenes together, and how sure each sort of change is noticed."""
    found = scenes(ours, truth)
    flat = [np.concatenate([getattr(texts, side) for texts in found]) for side in ("ours", "truth")]
    nan, n = float("nan"), len(flat[0])
    results = [
        Result("kendall_tau_b_pooled", kendall_tau_b(*flat), nan, nan, n, how="over the texts of all scenes together; no interval"),
        Result("pearson_pooled", pearson_of(*flat), nan, nan, n, how="over the texts of all scenes together; no interval"),
    ]
    for kind in (*HARMFUL, *HARMLESS):
        table = np.array([_pairs(texts, kind) for texts in found]).reshape(-1, 2)
        if table[:, 1].sum():
            against = "a true caption" if kind in HARMFUL else "one made worse"
            results.append(result_of(Arm(table, ratio), f"ranked_right.{kind}", f"pairs with {against}, ties half"))
    return results


def _pairs(texts: Texts, kind: str) -> tuple[float, float]:
    """Pairs of a text of this kind and one of the other side whose truths differ: those ranked right (ties half), and all."""
    others = HARMLESS if kind in HARMFUL else HARMFUL
    mine, theirs = (np.flatnonzero(np.isin(texts.kinds, group)) for group in ((kind,), others))
    true = np.sign(texts.truth[mine, None] - texts.truth[None, theirs])
    said = np.sign(np.nan_to_num(texts.ours[mine, None] - texts.ours[None, theirs]))
    known = true != 0
    return float(((said == true) + 0.5 * (said == 0))[known].sum()), float(known.sum())
