"""Tiny checkpoints, each made once a session when first asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Callable[[Path], Path]], Path]:
    """`checkpoint(build)` is the folder that `build(folder)` filled."""
    made: dict[str, Path] = {}

    def of(build: Callable[[Path], Path]) -> Path:
        if build.__name__ not in made:
            torch.manual_seed(0)  # whichever tests run
            made[build.__name__] = build(tmp_path_factory.mktemp(build.__name__))
        return made[build.__name__]

    return of
