"""The course of the learning rate."""

from math import cos, pi

from diptych.train.plan import Stage


def rate(stage: Stage, update: int) -> float:
    """Share of the stage's rate at an update: linear warm-up, then the schedule, which would reach its end one update after the last."""
    warm = round(stage.warmup * stage.updates)
    if update < warm:
        return (update + 1) / warm
    done = (update - warm) / max(1, stage.updates - warm)
    return {"cosine": (1 + cos(pi * done)) / 2, "linear": 1 - done, "constant": 1.0}[stage.schedule]
