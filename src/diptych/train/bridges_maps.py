"""Linear maps between spaces in closed form: least squares, ridge, orthogonal Procrustes and its robust form.

As in Paischer et al., 2023, arXiv:2307.05591 (SITTA): each dimension of both spaces is centred and scaled first, which takes the gap
of the means away, and there is no intercept. All solves are in float64.
"""

# N pairs or rows, D width of the source space, E width of the target space, K candidates

from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from diptych.data.errors import InputError
from diptych.train.bridges import Array, Keys, finite, fitted, normalised, paired

Solver = Literal["least_squares", "ridge", "procrustes", "robust_procrustes"]


@dataclass(frozen=True, slots=True, eq=False)
class LinearMap:
    """z(source) W = z(target), z by dimension; `alpha` is ridge's, `reweightings` are robust Procrustes's."""

    solver: Solver = "least_squares"
    alpha: float = 1.0
    reweightings: int = 5
    weight_DE: Array | None = None
    source_2D: Array | None = None  # mean and deviation of each dimension
    target_2E: Array | None = None

    def __post_init__(self) -> None:
        if self.solver not in SOLVERS:
            raise InputError(f"solver must be one of {', '.join(SOLVERS)}, got {self.solver!r}")
        if self.alpha < 0 or self.reweightings < 0:
            raise InputError(f"alpha and reweightings must be 0 or more, got {self.alpha} and {self.reweightings}")

    def fit(self, source_ND: NDArray[Any], target_NE: NDArray[Any]) -> Self:
        """InputError for fewer than two pairs. Least squares of fewer pairs than D is the solution of least norm."""
        source, target = finite(source_ND), finite(target_NE)
        paired(source, target)
        here, there = moments(source), moments(target)
        x_ND, y_NE = standardised(source, here), standardised(target, there)
        weight_DE = {
            "least_squares": lambda: least_squares(x_ND, y_NE),
            "ridge": lambda: ridge(x_ND, y_NE, self.alpha),
            "procrustes": lambda: procrustes(x_ND, y_NE),
            "robust_procrustes": lambda: robust_procrustes(x_ND, y_NE, self.reweightings),
        }[self.solver]()
        return replace(self, weight_DE=weight_DE, source_2D=here, target_2E=there)

    def transform(self, vectors_ND: NDArray[Any], keys: Keys = ()) -> Array:
        """(N, E) in the target space's own units."""
        there = fitted(self.target_2E, self)
        return self.mapped(vectors_ND) * there[1] + there[0]

    def mapped(self, vectors_ND: NDArray[Any]) -> Array:
        """(N, E) in the standardised target space."""
        return standardised(finite(vectors_ND), fitted(self.source_2D, self)) @ fitted(self.weight_DE, self)

    def cosines(self, vectors_ND: NDArray[Any], candidates_KE: NDArray[Any]) -> Array:
        """(N, K): mapped vectors with vectors of the target space, both standardised."""
        there = standardised(finite(candidates_KE), fitted(self.target_2E, self))
        return normalised(self.mapped(vectors_ND)) @ normalised(there).T


def moments(table_ND: Array) -> Array:
    """(2, D): mean and deviation of each dimension; one that never varies has deviation 1, as there is nothing to scale."""
    deviation_D = table_ND.std(0)
    return np.stack((table_ND.mean(0), np.where(deviation_D > 1e-12 * (1 + np.abs(table_ND).max(0)), deviation_D, 1)))


def standardised(table_ND: Array, moments_2D: Array) -> Array:
    """(x - mean) / deviation by dimension."""
    if table_ND.shape[1] != moments_2D.shape[1]:
        raise InputError(f"the map was fitted to {moments_2D.shape[1]} dimensions, got vectors of {table_ND.shape[1]}")
    return (table_ND - moments_2D[0]) / moments_2D[1]


def least_squares(x_ND: Array, y_NE: Array) -> Array:
    """The W of least norm among those of least |x W - y|^2."""
    return np.asarray(np.linalg.lstsq(x_ND, y_NE, rcond=None)[0], np.float64)


def ridge(x_ND: Array, y_NE: Array, alpha: float) -> Array:
    """(x^T x + alpha)^-1 x^T y; through the N x N system where pairs are fewer than dimensions, which is the same."""
    n, d = x_ND.shape
    if alpha == 0:
        return least_squares(x_ND, y_NE)
    if n < d:
        return x_ND.T @ np.linalg.solve(x_ND @ x_ND.T + alpha * np.eye(n), y_NE)
    return np.asarray(np.linalg.solve(x_ND.T @ x_ND + alpha * np.eye(d), x_ND.T @ y_NE), np.float64)


def procrustes(x_ND: Array, y_NE: Array) -> Array:
    """The W with orthonormal rows or columns (the shorter side) that turns x towards y best (Schoenemann, 1966)."""
    left, _, right = np.linalg.svd(x_ND.T @ y_NE, full_matrices=False)
    return np.asarray(left @ right, np.float64)


def robust_procrustes(x_ND: Array, y_NE: Array, reweightings: int, least: float = 1e-3) -> Array:
    """Procrustes, then again with each pair weighted by (1 / (its residual + least))^.5 on both sides, so many times."""
    weight_DE = procrustes(x_ND, y_NE)
    for _ in range(reweightings):
        share_N1 = (np.linalg.norm(x_ND @ weight_DE - y_NE, axis=1, keepdims=True) + least) ** -0.5
        weight_DE = procrustes(share_N1 * x_ND, share_N1 * y_NE)
    return weight_DE


SOLVERS: tuple[Solver, ...] = ("least_squares", "ridge", "procrustes", "robust_procrustes")
