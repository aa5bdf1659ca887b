"""Low-rank adapters through PEFT: put into a model before a stage, merged into its weights after it."""

import warnings
from typing import Any

from torch import nn

from diptych.data.errors import InputError
from diptych.train.plan import Stage


def adapted(stage: Stage, model: nn.Module) -> Any:
    """The tuner that has put the stage's adapters into the model, or None where it has none; InputError if no layer fits."""
    if stage.lora is None:
        return None
    try:
        from peft import LoraConfig  # noqa: PLC0415
        from peft.tuners.lora import LoraModel  # noqa: PLC0415
    except ImportError:
        raise InputError(f"stage {stage.name!r} has adapters, which need peft: pip install 'diptych[models]'") from None
    names = layers(stage, model)
    config = LoraConfig(
        r=stage.lora.rank, lora_alpha=stage.lora.alpha, lora_dropout=stage.lora.dropout, target_modules=names, use_rslora=False
    )
    with warnings.catch_warnings():
        # peft 0.21 asks transformers 5 by an old name
        warnings.filterwarnings("ignore", message="`is_gradient_checkpointing` is deprecated", category=FutureWarning)
        return LoraModel(model, {"default": config}, "default")


def layers(stage: Stage, model: nn.Module) -> list[str]:
    """Names of the linear layers that get adapters."""
    assert stage.lora is not None
    linear = [name for name, module in model.named_modules() if isinstance(module, nn.Linear) and name.startswith(stage.trainable)]
    found = [name for name in linear if name.endswith(stage.lora.targets)]
    if not found:
        raise InputError(
            f"no linear layer under {', '.join(map(repr, stage.trainable))} ends with {', '.join(stage.lora.targets)}:"
            f" there are {', '.join(linear[:20]) or 'none'}"
        )
    return found


def merged(tuner: Any) -> None:
    """Adds the adapters to the weights and takes them out, in place."""
    if tuner is not None:
        tuner.merge_and_unload()
