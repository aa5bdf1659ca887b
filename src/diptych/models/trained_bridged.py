"""Trained captioners of vectors as Captioner, from their folder and that of the encoder whose vectors they write about."""

# B pictures, D width of the vectors

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from torch import Tensor
from torch.nn.functional import normalize
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from diptych.data.errors import AddressError
from diptych.data.pictures import Picture
from diptych.models import trained_encoder
from diptych.models.abilities import Failed
from diptych.models.bridged_captioner import BridgedCaptioner
from diptych.models.decoding import Settings
from diptych.models.decoding_settings import EOS
from diptych.models.decoding_vectors import scorer_of
from diptych.models.folders import folder_at, from_folder, words_from_folder
from diptych.models.trained_captioner import TrainedCaptioner


def opened(folder: Path, said: str, asked: Mapping[str, str] = MappingProxyType({})) -> TrainedCaptioner:
    """The captioner in a folder; pictures are seen by the encoder that it was trained with, or that `asked` names."""
    if strange := sorted(set(asked) - {"encoder"}):
        raise AddressError(f"{said} takes no option {strange[0]!r}: it takes family and encoder")
    model = from_folder(BridgedCaptioner, folder).float().eval().requires_grad_(False)
    words = words_from_folder(PreTrainedTokenizerFast if model.ours else AutoTokenizer, folder)
    named = asked.get("encoder") or model.config.encoder
    place = folder_at(named)
    if not named or not (place / "config.json").is_file():
        where = f"which is not in {place}" if named else "and does not say which"
        raise AddressError(f"{said} writes about vectors of an encoder, {where}: name its folder, {said}?encoder=PATH")
    encoder = trained_encoder.opened(place, f"hf:{place.resolve()}")

    def see(pictures: Sequence[Picture]) -> list[Tensor | Failed]:
        return [one if isinstance(one, Failed) else normalize(one, dim=-1) for one in encoder.pictures(pictures)]

    ways = Settings(end=EOS if model.ours else words.eos_token_id)
    return TrainedCaptioner(see, lambda vectors_BD: scorer_of(model, vectors_BD, words), words, ways)
