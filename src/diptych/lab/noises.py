"""The same pictures with captions that are clean, that are another scene's, or that say one noun's word for another's."""

from collections.abc import Sequence

from diptych.lab.worlds import Corpus, Telling, corpus
from diptych.world.asked import nouns_by_spread
from diptych.world.corpus import confusions

NOUNS = nouns_by_spread()[:16]
WORLD = f"things=1-3&nouns={len(NOUNS)}&colours=8&materials=matte&written=0&stacked=0&size=64"


def noisy(address: str, shares: Sequence[float], *, seed: int = 0, wrongly: float = 0.6) -> dict[str, Corpus]:
    """Corpora of one world by name: "clean"; "P wrong" for each share P of captions that are another scene's; and "systematic", where a
    share `wrongly` of captions says for every noun the one wrong word that always stands for it."""
    wrong = confusions(NOUNS, len(NOUNS), seed=seed)
    tellings = {"clean": Telling(), "systematic": Telling(wrong=wrong, wrongly=wrongly)}
    tellings |= {f"{share} wrong": Telling(noise={"swapped": share}) for share in shares}
    return {name: corpus(address, telling, seed=seed) for name, telling in tellings.items()}
