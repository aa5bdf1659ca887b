"""Bridges: hand-worked cases, slow references written from the papers, and what every one of them keeps to."""

from dataclasses import is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from diptych.data.errors import InputError
from diptych.train.bridges import CovarianceNoise, MeanShift, Noise, RandomShift, gap, noise_scale, normalised
from diptych.train.bridges_maps import SOLVERS, LinearMap, least_squares, procrustes, ridge, robust_procrustes
from diptych.train.bridges_memory import Concepts, TextMemory
from diptych.train.bridges_saved import load_bridges, save_bridges

RNG = np.random.default_rng(3)
SOURCE, TARGET = RNG.normal(1, 2, (40, 6)), RNG.normal(-1, 0.5, (40, 6))
WIDE = RNG.normal(0, 3, (40, 9))
KEYS = tuple((f"r{n}",) for n in range(40))
NAMES = tuple(f"c{n}" for n in range(40))
STAY = (Noise(0.5), MeanShift(), RandomShift(), CovarianceNoise(), TextMemory())
ALL = (*STAY, *(LinearMap(solver) for solver in SOLVERS), Concepts(NAMES, keep=3))


def unit(rows):
    return rows / np.sqrt((rows**2).sum(1, keepdims=True))


@pytest.mark.parametrize("bridge", ALL, ids=lambda one: getattr(one, "solver", type(one).__name__))
def test_contract(bridge, tmp_path: Path):
    assert is_dataclass(bridge) and type(bridge).__dataclass_params__.frozen
    before = repr(bridge)
    known = bridge.fit(SOURCE, TARGET)
    assert repr(bridge) == before, "fit changes the bridge that it is asked of"
    moved = known.transform(SOURCE, KEYS)
    assert moved.dtype == np.float64 and len(moved) == 40 and np.isfinite(moved).all()
    assert np.array_equal(known.fit(SOURCE, TARGET).transform(SOURCE, KEYS), moved)
    # neither order nor company of rows matters; products of matrices of other shapes differ in the last bits
    alone = np.concatenate([known.transform(SOURCE[n : n + 1], KEYS[n : n + 1]) for n in range(40)][::-1])[::-1]
    assert np.allclose(alone, moved, atol=1e-12)
    save_bridges((bridge, known), tmp_path)
    fresh, again = load_bridges(tmp_path)
    assert type(again) is type(known) and np.array_equal(again.transform(SOURCE, KEYS), moved)
    assert repr(fresh) == before
    assert known.transform(SOURCE[:0], ()).shape == (0, *moved.shape[1:])
    for bad in (np.where(SOURCE > 3, np.nan, SOURCE), SOURCE[0]):
        with pytest.raises(InputError, match="finite table"):
            known.transform(bad, KEYS)


@pytest.mark.parametrize("bridge", [*STAY, *(LinearMap(solver) for solver in SOLVERS)][1:], ids=lambda b: getattr(b, "solver", b))
def test_not_finite_rows_are_refused_by_fit(bridge):
    bad = TARGET.copy()
    bad[3, 2] = np.inf
    with pytest.raises(InputError, match="finite"):
        bridge.fit(SOURCE, bad)


@pytest.mark.parametrize("bridge", [b for b in ALL if b != Noise(0.5)], ids=lambda b: getattr(b, "solver", type(b).__name__))
def test_what_was_not_fitted_says_so(bridge):
    with pytest.raises(InputError, match="call fit first"):
        bridge.transform(SOURCE, KEYS)


def test_too_few_or_unlike_pairs_are_refused():
    for bridge in (CovarianceNoise(), LinearMap()):
        with pytest.raises(InputError, match="at least 2 pairs, got 1"):
            bridge.fit(SOURCE[:1], TARGET[:1])
        with pytest.raises(InputError, match="40 source and 39 target"):
            bridge.fit(SOURCE, TARGET[:39])
    for bridge in (MeanShift(), RandomShift(), CovarianceNoise()):
        with pytest.raises(InputError, match="use a map"):
            bridge.fit(SOURCE, WIDE)
    with pytest.raises(InputError, match="at least one text"):
        TextMemory().fit(SOURCE, TARGET[:0])
    with pytest.raises(InputError, match="40 concepts needs its vector, got 3"):
        Concepts(NAMES).fit(SOURCE, TARGET[:3])
    with pytest.raises(InputError, match="fitted to 6 dimensions"):
        LinearMap().fit(SOURCE, TARGET).transform(WIDE)
    with pytest.raises(InputError, match="6 dimensions of what is remembered"):
        TextMemory().fit(SOURCE, TARGET).transform(WIDE)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Noise(0.0), r"\(0, 1\], got 0.0"),
        (lambda: Noise(1.5), "got 1.5"),
        (lambda: LinearMap("lasso"), "least_squares, ridge"),
        (lambda: LinearMap(alpha=-1), "0 or more, got -1"),
        (lambda: Concepts(("a",), keep=2), "from 1 to the 1"),
        (lambda: Noise(0.5).transform(SOURCE, KEYS[:2]), "2 keys for 40 rows"),
    ],
)
def test_refused(make, words):
    with pytest.raises(InputError, match=words):
        make()


def test_noise_leaves_the_cosine_that_it_names():
    # the settings of CLOSE for one caption (w = .12, 768 dimensions) and of MacCap (variance .016, 512): captioners.md
    assert noise_scale(0.288, 768) == pytest.approx(0.12, abs=1e-3)
    assert noise_scale(0.3299, 512) == pytest.approx(0.016**0.5, abs=1e-3)
    rows = unit(RNG.normal(size=(400, 128)))
    for wanted in (0.3, 0.6, 0.9, 1.0):
        moved = Noise(wanted).transform(5 * rows, [(n,) for n in range(400)])
        assert (rows * moved).sum(1).mean() == pytest.approx(wanted, abs=0.01)
        assert np.allclose(np.linalg.norm(moved, axis=1), 1)
    # a row's noise is its key's, the seed's, and no other's
    keys = [("a", 0), ("a", 1), ("a", 0)]
    first, second, third = Noise(0.5).transform(rows[[0, 0, 0]], keys)
    assert np.array_equal(first, third) and not np.allclose(first, second)
    assert not np.allclose(first, Noise(0.5, seed=1).transform(rows[:1], keys[:1])[0])


def test_shifts():
    # by hand: unit rows (1, 0), (0, 1) have mean (.5, .5); the target's mean is (-1, 0); so x moves by (-1.5, -.5)
    shift = MeanShift().fit(np.array([[2.0, 0], [0, 3]]), np.array([[-4.0, 0]]))
    assert shift.shift_D.tolist() == [-1.5, -0.5]
    assert np.allclose(shift.transform(np.array([[0, 7.0]])), [[-1.5 / 10**0.5 * 2, 0.5 / 10**0.5 * 2]])
    assert gap(np.array([[2.0, 0], [0, 3]]), np.array([[-4.0, 0]])) == pytest.approx(2.5**0.5)
    # a gap that is one vector for all is closed: what is left is what normalising bends
    near, apart = unit(RNG.normal(size=(200, 32))), np.full(32, 0.2)
    moved = MeanShift().fit(near, near + apart).transform(near)
    assert gap(moved, near + apart) < 0.3 * gap(near, near + apart)
    wrong = RandomShift().fit(SOURCE, TARGET)
    assert np.linalg.norm(wrong.shift_D) == pytest.approx(gap(SOURCE, TARGET))
    assert not np.allclose(wrong.shift_D, RandomShift(seed=1).fit(SOURCE, TARGET).shift_D)


def test_covariance_noise_has_the_moments_of_the_differences():
    apart = unit(TARGET) - unit(SOURCE)
    known = CovarianceNoise().fit(SOURCE, TARGET)
    slow = sum(np.outer(row - apart.mean(0), row - apart.mean(0)) for row in apart) / 39
    assert np.allclose(known.root_DD @ known.root_DD.T, slow)
    assert np.allclose(known.mean_D, apart.mean(0))
    few = CovarianceNoise().fit(SOURCE[:3], TARGET[:3])  # of rank 2
    assert np.linalg.matrix_rank(few.root_DD @ few.root_DD.T, tol=1e-9) == 2
    # and so does what it draws, before it is normalised
    plain = replace(known, mean_D=np.zeros(6), root_DD=1e-4 * known.root_DD)
    same = np.tile(unit(SOURCE)[:1], (4000, 1))
    drawn = (plain.transform(same, [(n,) for n in range(4000)]) - same) / 1e-4
    off = np.eye(6) - np.outer(same[0], same[0])  # to first order normalising takes away what lies along the row
    assert np.allclose(np.cov(drawn, rowvar=False), off @ slow @ off, atol=0.04)


def test_least_squares_and_ridge_against_their_own_conditions():
    x, y = RNG.normal(size=(30, 5)), RNG.normal(size=(30, 4))
    # the gradient of |xW - y|^2 + alpha |W|^2 is 0 at the solution
    assert np.allclose(x.T @ (x @ least_squares(x, y) - y), 0)
    for rows in (30, 3):
        w = ridge(x[:rows], y[:rows], 0.7)
        assert np.allclose(x[:rows].T @ (x[:rows] @ w - y[:rows]) + 0.7 * w, 0)
    assert np.allclose(ridge(x, y, 0), least_squares(x, y))
    assert least_squares(np.array([[1.0], [2]]), np.array([[2.0], [5]])) == pytest.approx(2.4)  # (1*2 + 2*5) / (1 + 4)
    few = least_squares(x[:3], y[:3])
    assert np.allclose(x[:3] @ few, y[:3])
    assert np.allclose(few, x[:3].T @ np.linalg.inv(x[:3] @ x[:3].T) @ y[:3]), "not of least norm"


def test_procrustes_finds_a_turn_and_no_other_turn_is_better():
    turn = np.linalg.qr(RNG.normal(size=(5, 5)))[0]
    x = RNG.normal(size=(30, 5))
    assert np.allclose(procrustes(x, x @ turn), turn)
    # by hand: a quarter turn
    assert np.allclose(procrustes(np.eye(2), np.array([[0.0, 1], [-1, 0]])), [[0, 1], [-1, 0]])
    y = x @ turn + RNG.normal(size=(30, 5))
    best = np.linalg.norm(x @ procrustes(x, y) - y)
    for _ in range(200):
        other = np.linalg.qr(procrustes(x, y) + 0.2 * RNG.normal(size=(5, 5)))[0]
        assert np.linalg.norm(x @ other - y) >= min(best, np.linalg.norm(-x @ other - y)) - 1e-9
    wide = procrustes(x, RNG.normal(size=(30, 8)))
    assert np.allclose(wide @ wide.T, np.eye(5))


def test_robust_procrustes_against_a_slow_reference_and_outliers():
    turn = np.linalg.qr(RNG.normal(size=(4, 4)))[0]
    x = RNG.normal(size=(60, 4))
    y = x @ turn
    y[:15] = 4 * RNG.normal(size=(15, 4))

    def slow(times):
        w = procrustes(x, y)
        for _ in range(times):
            total = np.zeros((4, 4))
            for one, other in zip(x, y, strict=True):
                total += np.outer(one, other) / (np.sqrt(((one @ w - other) ** 2).sum()) + 1e-3)
            u, _, v = np.linalg.svd(total)
            w = u @ v
        return w

    assert np.allclose(robust_procrustes(x, y, 5), slow(5))
    assert np.allclose(robust_procrustes(x, y, 0), procrustes(x, y))
    assert np.linalg.norm(robust_procrustes(x, y, 5) - turn) < 0.1 * np.linalg.norm(procrustes(x, y) - turn)


def test_a_map_works_in_standardised_spaces():
    weight = RNG.normal(size=(6, 9))
    known = LinearMap().fit(SOURCE, SOURCE @ weight + 5)
    assert np.allclose(known.transform(TARGET), TARGET @ weight + 5), "means are taken away and put back"
    assert np.allclose(known.cosines(SOURCE, SOURCE @ weight + 5).diagonal(), 1)
    # shifting and scaling any dimension of either space changes nothing in the standardised target
    shown = LinearMap("procrustes").fit(SOURCE, WIDE).mapped(SOURCE)
    scale, move = RNG.uniform(0.5, 3, 6), RNG.normal(size=6)
    assert np.allclose(LinearMap("procrustes").fit(SOURCE * scale + move, WIDE * 7 - 1).mapped(SOURCE * scale + move), shown)
    still = SOURCE.copy()
    still[:, 2] = 4.0
    assert np.isfinite(LinearMap().fit(still, WIDE).transform(still)).all()


def test_text_memory_against_the_formula():
    known = TextMemory(scale=3.0).fit(SOURCE, TARGET)
    texts = unit(TARGET)
    for row, moved in zip(unit(SOURCE), known.transform(SOURCE), strict=True):
        weight = [np.exp(3.0 * row @ text) for text in texts]
        mixed = sum(w * text for w, text in zip(weight, texts, strict=True)) / sum(weight)
        assert np.allclose(moved, mixed / np.linalg.norm(mixed))
    # by hand: a scale so large that only the nearest text is left
    near = TextMemory(scale=1e4).fit(SOURCE, np.array([[1.0, 0], [0, 1]])).transform(np.array([[0.9, 0.8], [0.1, 0.2]]))
    assert np.allclose(near, [[1, 0], [0, 1]])
    many = np.tile(SOURCE, (60, 1))  # more rows than are mixed at a time
    assert np.allclose(known.transform(many)[-40:], known.transform(SOURCE))


def test_concepts_are_the_nearest_in_order():
    known = Concepts(("ball", "cube", "duck"), keep=2).fit(SOURCE, np.array([[2.0, 0], [0, 1], [1, 1]]))
    assert known.nearest(np.array([[1.0, 0.2], [0.1, 1], [-1, -1]])).tolist() == [[0, 2], [1, 2], [0, 1]]
    assert known.transform(np.array([[1.0, 0.2]])).shape == (1, 2, 2)
    assert known.transform(np.array([[1.0, 0.2]]))[0, 0].tolist() == [1, 0]
    # a gap that is the same for all concepts does no harm to ranks
    concepts = np.hstack((unit(RNG.normal(size=(40, 16))), np.full((40, 1), 0.5)))
    seen, moved = RNG.normal(size=(25, 17)), np.eye(17)[16] * 9
    known = Concepts(NAMES, keep=5).fit(SOURCE, concepts)
    assert np.array_equal(known.nearest(seen), known.nearest(seen + moved))


def test_normalised_keeps_zeros():
    assert normalised(np.array([[3.0, 4], [0, 0]])).tolist() == [[0.6, 0.8], [0, 0]]


def test_a_folder_without_bridges_is_an_error(tmp_path: Path):
    with pytest.raises(InputError, match="holds no bridges"):
        load_bridges(tmp_path)
    save_bridges([Noise(0.5)], tmp_path)
    (tmp_path / "bridges.json").write_text('[{"kind": "Dream"}]')
    with pytest.raises(InputError, match="save_bridges writes"):
        load_bridges(tmp_path)
