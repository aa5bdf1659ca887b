"""What a model has spent, as a counter that the engine moves into a run's ledger."""

from collections import Counter


def spent_of(model: object) -> Counter[str]:
    """The model's own counter, or an empty one where it keeps none."""
    found = getattr(model, "spent", None)
    return found if isinstance(found, Counter) else Counter()
