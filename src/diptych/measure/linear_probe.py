"""Linear probe: multinomial logistic regression on frozen features, by L-BFGS; what a linear reader finds in them.

As in Radford et al., 2021, arXiv:2103.00020, appendix A.3: full batch, L2 penalty, features standardised by the training rows.
Shapes: N rows to learn from, M rows to test on, F features, C classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diptych.data.errors import InputError
from diptych.measure.intervals import Array
from diptych.measure.lbfgs import minimise
from diptych.measure.scores import Scored, scored
from diptych.measure.zero_shot import mean_of_recalls

_CONSTANT = 1e-8  # a feature that varies less says nothing


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """A fitted probe."""

    classes: tuple[str | int, ...]
    weights_FC: Array
    bias_C: Array
    mean_F: Array
    scale_F: Array
    iterations: int

    def logits(self, features_MF: ArrayLike) -> Array:
        """(M, C)."""
        found: Array = (np.asarray(features_MF, float) - self.mean_F) * self.scale_F @ self.weights_FC + self.bias_C
        return found

    def classify(self, features_MF: ArrayLike) -> list[str | int]:
        """The likeliest class of each row."""
        return [self.classes[place] for place in self.logits(features_MF).argmax(axis=1).tolist()]


def fit_probe(features_NF: ArrayLike, labels: Sequence[str | int], *, penalty: float = 1e-3, most: int = 300) -> Probe:
    """The probe that minimises the mean cross-entropy plus penalty / 2 times the squared weights (bias left free).

    Raises InputError for numbers that do not fit, features that are not finite, and fewer than two classes.
    """
    features, classes = _rows(features_NF, labels), tuple(sorted(set(labels), key=lambda one: (str(type(one)), one)))
    if len(classes) < 2 or penalty < 0:
        raise InputError(f"a probe tells at least two classes apart with a penalty of 0 or more, got {len(classes)} and {penalty}")
    mean, spread = features.mean(axis=0), features.std(axis=0)
    scale = np.where(spread > _CONSTANT, 1 / np.maximum(spread, _CONSTANT), 0.0)
    standard = (features - mean) * scale
    target_N = np.array([classes.index(label) for label in labels])
    n, f, c = len(standard), standard.shape[1], len(classes)

    def objective(flat: Array) -> tuple[float, Array]:
        weights = flat[: f * c].reshape(f, c)
        logits = standard @ weights + flat[f * c :]
        logits -= logits.max(axis=1, keepdims=True)
        share = np.exp(logits)
        total = share.sum(axis=1, keepdims=True)
        loss = float((np.log(total[:, 0]) - logits[np.arange(n), target_N]).mean()) + penalty / 2 * float((weights**2).sum())
        share /= total
        share[np.arange(n), target_N] -= 1
        return loss, np.concatenate(((standard.T @ share / n + penalty * weights).ravel(), share.mean(axis=0)))

    flat, _, iterations = minimise(objective, np.zeros(f * c + c), most=most)
    return Probe(classes, flat[: f * c].reshape(f, c), flat[f * c :], mean, scale, iterations)


def linear_probe_of(
    learn: tuple[ArrayLike, Sequence[str | int]], test: tuple[ArrayLike, Sequence[str | int]], *, name: str = "linear_probe",
    ids: Sequence[str] | None = None, penalty: float = 1e-3, how: str = "", seed: int = 0,
) -> tuple[Scored, Scored]:  # fmt: skip
    """Accuracy on the test rows and `NAME_mean_class`, the mean over their classes; each side is features and labels."""
    probe = fit_probe(*learn, penalty=penalty)
    features = _rows(*test)
    told = f"{len(learn[1])} rows learnt, {len(probe.classes)} classes, L-BFGS {probe.iterations} iterations, penalty {penalty:g}"
    return accuracy(probe.classify(features), test[1], name=name, ids=ids, how=f"{told}; {how}" if how else told, seed=seed)


def accuracy(
    said: Sequence[str | int], right: Sequence[str | int], *, name: str, ids: Sequence[str] | None = None, how: str = "", seed: int = 0
) -> tuple[Scored, Scored]:
    """Share of rows whose class is the right one, and the mean over classes of that share."""
    classes = sorted(set(right), key=str)
    hit_M = np.array([one == other for one, other in zip(said, right, strict=True)], float)
    there_MC = np.array([[label == one for one in classes] for label in right], float)
    names = tuple(ids) if ids is not None else tuple(map(str, range(len(hit_M))))
    columns = np.concatenate((there_MC * hit_M[:, None], there_MC), axis=1)
    return (
        scored(name, names, hit_M, how=how, seed=seed),
        scored(f"{name}_mean_class", names, hit_M, columns, mean_of_recalls, how=how, seed=seed),
    )


def _rows(features_NF: ArrayLike, labels: Sequence[str | int]) -> NDArray[np.float64]:
    features = np.asarray(features_NF, float)
    if features.ndim != 2 or len(features) != len(labels) or not len(labels) or not bool(np.isfinite(features).all()):
        raise InputError(f"a probe reads finite features of shape (rows, width) with a label each, got {features.shape} and {len(labels)}")
    return features
