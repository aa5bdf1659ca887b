"""The best one-to-one assignment between two small sets."""

from collections.abc import Sequence

LARGEST = 10_000  # cells; larger tables (captions of a thousand nouns) are matched greedily, heaviest pairs first


def assign(weights: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Pairs (row, column) with the largest sum of weights; a pair with weight 0 or less is left apart.

    The shortest augmenting path form of Kuhn's method (Jonker and Volgenant, 1987), rows in order.
    """
    rows, columns = len(weights), len(weights[0]) if weights else 0
    if not rows or not columns:
        return []
    if rows == 1 or columns == 1:
        weight, row, column = max((weights[i][j], -i, -j) for i in range(rows) for j in range(columns))
        return [(-row, -column)] if weight > 0 else []
    if rows * columns > LARGEST:
        return _greedy(weights)
    if rows > columns:
        turned = assign([[weights[i][j] for i in range(rows)] for j in range(columns)])
        return sorted((i, j) for j, i in turned)
    return [(i, j) for i, j in enumerate(_solve(weights, rows, columns)) if weights[i][j] > 0]


def _greedy(weights: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    cells = sorted((-weight, i, j) for i, row in enumerate(weights) for j, weight in enumerate(row) if weight > 0)
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in cells:
        if i not in found and j not in taken:
            found[i] = j
            taken.add(j)
    return sorted(found.items())


def _solve(weights: Sequence[Sequence[float]], rows: int, columns: int) -> list[int]:
    """The column of each row, rows <= columns."""
    up, across = [0.0] * (rows + 1), [0.0] * (columns + 1)
    row_of = [0] * (columns + 1)
    for row in range(1, rows + 1):
        row_of[0] = row
        column, best, back = 0, [float("inf")] * (columns + 1), [0] * (columns + 1)
        seen = [False] * (columns + 1)
        while row_of[column]:
            seen[column] = True
            here, step, following = row_of[column], float("inf"), 0
            for j in range(1, columns + 1):
                if seen[j]:
                    continue
                cost = -max(weights[here - 1][j - 1], 0.0) - up[here] - across[j]
                if cost < best[j]:
                    best[j], back[j] = cost, column
                if best[j] < step:
                    step, following = best[j], j
            for j in range(columns + 1):
                if seen[j]:
                    up[row_of[j]] += step
                    across[j] -= step
                else:
                    best[j] -= step
            column = following
        while column:
            row_of[column], column = row_of[back[column]], back[column]
    found = [0] * rows
    for j in range(1, columns + 1):
        if row_of[j]:
            found[row_of[j] - 1] = j - 1
    return found
