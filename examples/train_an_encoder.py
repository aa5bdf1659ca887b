"""Train a small dual encoder from pixels on the world's captions, then score captions of new scenes with it."""

from pathlib import Path
from tempfile import TemporaryDirectory

from diptych.lab.opening import opened
from diptych.models.abilities import Matcher, MatchRequest
from diptych.train.batches import Random
from diptych.train.contrastive import Contrastive, SameText
from diptych.train.data import Data
from diptych.train.encoders import encoder_for
from diptych.train.loop import train
from diptych.train.plan import Stage

have = opened("world:96?size=64")
dual, data = encoder_for("nano:dual", Data(list(have.source), have.pictures))
stage = Stage("pairs", Contrastive(belongs=SameText()), Random(32), updates=12)
with TemporaryDirectory() as folder:
    out = train((stage,), dual.model, data, Path(folder) / "encoder")
    new = opened("world:8?size=64&seed=1")
    matcher = new.opener(f"hf:{out}", Matcher)
    asked = [MatchRequest(new.pictures(row.subject), row.captions[0].text) for row in new.source]
    for request, answer in zip(asked, matcher.match(asked), strict=True):
        print(f"{answer.score:+.3f}  {request.text}")
