"""Write one caption from several: what survived the checks, merged under a policy."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from diptych.check.statements import captions_of, settled
