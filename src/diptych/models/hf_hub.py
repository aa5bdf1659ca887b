"""Whether the hub can be asked for a model, told after one try, and what to do where it cannot."""

from huggingface_hub import get_hf_file_metadata, hf_hub_url, is_offline_mode, try_to_load_from_cache
from huggingface_hub.errors import HfHubHTTPError

from diptych.data.errors import AddressError
from diptych.models.suggested import near

NOT_HERE = "it is not in the hub's cache on this machine"
_FILES = ("config.json", "model_index.json")  # a pipeline of diffusers has the second alone


def refuse_unreachable(said: str, name: str, revision: str | None) -> None:
    """AddressError where a model is not on this machine and nobody answers for the hub.

    The hub's own client tries each file six times, which without a network takes more than a minute; it has no setting for that.
    """
    try:
        if is_offline_mode() or any(isinstance(try_to_load_from_cache(name, file, revision=revision), str) for file in _FILES):
            return
        get_hf_file_metadata(hf_hub_url(name, _FILES[0], revision=revision))
    except (HfHubHTTPError, ValueError):  # an answer, or no name of the hub: told when the model is opened
        return
    except Exception as error:  # of a client that the hub's versions change
        why = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".:")
        raise AddressError(
            f"{said} does not open as a model ({NOT_HERE}, and the hub gave no answer: {why}): {hub_remedy(name)}"
        ) from error


def hub_remedy(name: str) -> str:
    """What to do about a name of the hub that does not open."""
    where = "HF_HUB_OFFLINE is set" if is_offline_mode() else "the hub may be out of reach (HF_HUB_OFFLINE=1 spares waiting for it)"
    hint = f"did you mean hf:{meant}? Else " if (meant := near(name)) else ""
    return f"{where}: {hint}fetch it first with `hf download {name}`, check its name, or name a folder as hf:./PATH"
