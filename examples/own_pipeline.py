"""A pipeline of one's own: propose, check by a detector, keep the best caption, and count what became of the rows."""

from pathlib import Path

import diptych
from diptych.check.detect import CheckByDetector
from diptych.check.match import Match
from diptych.check.split import Split
from diptych.curate.select import Best, KeepSaying
from diptych.write.fuse import Fuse
from diptych.write.propose import Propose

pipeline = (
    Propose(("sim:captioner?family=a", "sim:captioner?family=b")),
    Split(),
    Match("sim:matcher", of="proposed"),
    Best(keep=2),
    CheckByDetector("sim:detector"),
    Fuse("rules:", of="chosen"),
    KeepSaying(at_least=2),
)
summary = diptych.run(pipeline, "world:30?noise=.4&seed=1", Path("own"), progress=False)
print(summary.rows())
for (step, why), rows in summary.total.dropped.items():
    print(f"{rows} dropped at {step}: {why}")
