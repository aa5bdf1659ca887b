"""What is written does not depend on the seed of Python's hashes: a resumed run would end otherwise than an unbroken one."""

import os
import subprocess
import sys

SCRIPT = """
from diptych.language.edit import edit
from diptych.language.parse import parse
for old, new in (
    ("an airplane on a runway", "a small red white airplane on a runway"),
    ("a dog and two cats", "a big black dog and two old gray cats on a mat"),
    ("a man rides a horse", "a tall old man rides a white brown horse near a wooden metal fence"),
):
    print(edit(old, parse(old), parse(new))[0])
"""


def test_edits_are_the_same_whatever_the_hashes() -> None:
    def told(seed: str) -> str:
        given = {**os.environ, "PYTHONHASHSEED": seed}
        return subprocess.run([sys.executable, "-c", SCRIPT], env=given, check=True, capture_output=True, text=True).stdout

    assert len({told(seed) for seed in ("0", "1", "2", "3")}) == 1
