"""Accelerate: devices, processes, precision."""

import os
import warnings
from typing import Any

import torch

from diptych.data.errors import InputError
from diptych.train.distributed import rank
from diptych.train.settings import Settings


def accelerator_of(settings: Settings) -> Any:
    """An `accelerate.Accelerator` for this process; InputError without the extra or where the precision is not to be had."""
    try:
        from accelerate import Accelerator, DistributedDataParallelKwargs  # noqa: PLC0415
        from accelerate.state import AcceleratorState  # noqa: PLC0415
    except ImportError:
        raise InputError("training needs accelerate: pip install 'diptych[models]'") from None
    precision = precision_of(settings)
    if AcceleratorState._shared_state.get("_mixed_precision", precision) != precision:
        AcceleratorState._reset_state()  # another training of this process had another precision
    # some parameters of a stage may take no part in its objective
    warnings.filterwarnings("ignore", message="find_unused_parameters=True was specified", category=UserWarning)
    handlers = [DistributedDataParallelKwargs(find_unused_parameters=True)]
    # started by torchrun on CPUs, Accelerate leaves the processes alone unless it is told
    cpu = not (torch.cuda.is_available() or torch.backends.mps.is_available())
    return Accelerator(mixed_precision=precision, cpu=cpu, kwargs_handlers=handlers)


def precision_of(settings: Settings) -> str:
    """Accelerate's word for the precision: with "auto" what its launcher was told, else bf16 on an accelerator that has it."""
    bf16 = torch.cuda.is_available() and torch.cuda.is_bf16_supported() and not os.environ.get("ACCELERATE_USE_CPU")
    if settings.precision == "bf16":
        return "bf16"
    if settings.precision == "fp32":
        return "no"
    said = os.environ.get("ACCELERATE_MIXED_PRECISION", "bf16" if bf16 else "no")
    if said not in ("no", "bf16"):
        raise InputError(f"the launcher asks for mixed precision {said!r}: it must be bf16 or no")
    return said


def joined(settings: Settings) -> int:
    """This process's number, once it has met the others that its launcher started."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        accelerator_of(settings)
    return rank()
