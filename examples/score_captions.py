"""Which objects a caption makes up: CHAIR over captions and object lists of your own."""

from diptych.measure.chair import chair

captions = {"1": "a dog and a cat on a couch", "2": "a man rides a horse"}
objects = {"1": {"dog", "couch"}, "2": {"person", "horse"}}
for result in chair(captions, objects):
    print(
        f"{result.name} {result.value:.3f} [{result.low:.3f}, {result.high:.3f}] (n = {result.n}, {result.better} is better; {result.how})"
    )
