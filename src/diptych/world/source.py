"""`world:N?noise=.4&seed=0&size=224` as a dataset: pictures and truth are made when asked for, and hang on the address and number alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial

from PIL import Image as Pillow

from diptych.data.draws import uniform
from diptych.data.errors import PictureError, SourceError
from diptych.data.pictures import Picture
from diptych.data.records import Caption, Image, Question, Record, Text
from diptych.models.addresses import parse_address
from diptych.world.asked import DIGITS, KNOWN, number, options_of, plain, whole
from diptych.world.edits import MOST_EDITS, edits
from diptych.world.facts import truth_of
from diptych.world.noise import Alt, alt
from diptych.world.questions import Quiz
from diptych.world.render import render
from diptych.world.sample import Options, scene_at
from diptych.world.scenes import Scene, key_of
from diptych.world.told import MOST_QUESTIONS, paragraph, quizzes
from diptych.world.truth import Truth

_KEPT = 4096  # scenes, and as many truths, held in memory by each process
MOST = 10_000_000


@dataclass(frozen=True, slots=True)
class World:
    """`count` records; `noise` is the share of alt-texts that say something false, too little or nothing.

    With `bags` of two or more, each scene is followed by edits of it that differ by one fact, and its records name their bag.
    With `paragraph` a text beside each picture names that share of its nouns and speaks of another scene too; with `questions` each
    record has up to so many, without answers.
    """

    name: str  # the address
    count: int
    noise: float = 0.0
    seed: int = 0
    size: int = 224  # pixels
    options: Options = field(default_factory=Options)
    bags: int = 1
    paragraph: float = 0.0
    questions: int = 0

    def __len__(self) -> int:
        return self.count

    @property
    def length(self) -> int:
        """How many records."""
        return self.count

    def __iter__(self) -> Iterator[Record]:
        return (self.record(index) for index in range(self.count))

    def scene(self, index: int) -> Scene:
        """Scene number `index`; PictureError beyond the last."""
        if not 0 <= index < self.count:
            raise PictureError(f"{self.name} has scenes 0 to {self.count - 1}, got {index}: ask for a larger world")
        return _scene(self.options, self.seed, self.bags, index)

    def truth(self, index: int) -> Truth:
        """What is true of scene number `index`."""
        self.scene(index)
        return _truth(self.options, self.seed, self.bags, index)

    def alt(self, index: int) -> Alt:
        """The alt-text of a scene with its graph and the label of its noise, which are truth and belong in no record."""
        return alt(self.truth(index), noise=self.noise, keys=(self.seed, index), other=lambda: self._elsewhere(index))

    def quizzes(self, index: int) -> tuple[Quiz, ...]:
        """The questions of a record with their answers, which are truth."""
        return quizzes(self.truth(index), self.questions, keys=(self.seed, index)) if self.questions else ()

    def truths(self, limit: int | None = None) -> Iterator[tuple[Truth, str]]:
        """Truth and noise label of each row, as the truth table holds them."""
        return ((self.truth(index), self.alt(index).label) for index in range(min(self.count, self.count if limit is None else limit)))

    def record(self, index: int) -> Record:
        """Row number `index`."""
        scene = self.scene(index)
        id = f"w{self.seed}-{index:06d}"
        image = Image(self.name, str(index), self.size, self.size, key_of(scene))
        caption = Caption(f"{id}/source", self.alt(index).text)
        labels = {"bag": f"w{self.seed}-b{index // self.bags:06d}"} if self.bags > 1 else {}
        questions = tuple(Question(f"{id}/q{number}", quiz.text, id) for number, quiz in enumerate(self.quizzes(index)))
        return Record(id, image, (caption,), questions=questions, texts=self._texts(index), chosen=(caption.id,), labels=labels)

    def _texts(self, index: int) -> tuple[Text, ...]:
        if not self.paragraph:
            return ()
        words = paragraph(self.truth(index), self.paragraph, keys=(self.seed, index), other=self._elsewhere(index))
        return (Text("paragraph", words, "source"),) if words else ()

    def _elsewhere(self, index: int) -> Truth:
        return _truth(self.options, self.seed, self.bags, index + 1 + int(uniform(self.seed, "elsewhere", index) * 1000))


@lru_cache(_KEPT)
def _scene(options: Options, seed: int, bags: int, index: int) -> Scene:
    if bags == 1:
        return scene_at(options, seed, index)
    return _bag(options, seed, bags, index // bags)[index % bags]


@lru_cache(_KEPT)
def _bag(options: Options, seed: int, bags: int, number: int) -> tuple[Scene, ...]:
    scene = scene_at(options, seed, number)
    return (scene, *edits(scene, bags - 1, keys=(seed, number)))


@lru_cache(_KEPT)
def _truth(options: Options, seed: int, bags: int, index: int) -> Truth:
    return truth_of(_scene(options, seed, bags, index))


@lru_cache(64)
def world_source(address: str) -> World:
    """The world behind an address; SourceError with what it may say.

    Options: noise 0..1, seed, size in pixels, things=LEAST-MOST, pairs=seen|unseen (a tenth of all category and colour pairs is held
    out), elevation of the camera in degrees, light, ground, bags=B (N bags of B scenes that differ from their first by one fact),
    paragraph 0..1 and questions 0..4 (what a record has beside its caption), and those of `world.asked`:
    nouns, colours, materials, written, stacked, tail, copies=LEAST-MOST, others, counts=seen|unseen.
    """
    parsed = parse_address(address)
    strange = set(parsed.options) - set(KNOWN)
    if parsed.scheme == "world" and strange:
        raise SourceError(f"{address!r} asks for {min(strange)!r}, which no world has: write world:N?{'&'.join(f'{k}=...' for k in KNOWN)}")
    if parsed.scheme != "world" or not 0 < plain(parsed.name) <= MOST:
        raise SourceError(f"{address!r} is no world: write world:N?{'&'.join(f'{k}=...' for k in KNOWN)} with N from 1 to {MOST}")
    said = parsed.options
    bags = whole(address, "bags", said.get("bags", "1"), 1, MOST_EDITS + 1)
    return World(
        address,
        int(parsed.name) * bags,
        number(address, "noise", said.get("noise", "0"), 0.0, 1.0),
        whole(address, "seed", said.get("seed", "0"), 0, 10**DIGITS),
        whole(address, "size", said.get("size", "224"), 8, 2048),
        options_of(address, said),
        bags,
        number(address, "paragraph", said.get("paragraph", "0"), 0.0, 1.0),
        whole(address, "questions", said.get("questions", "0"), 0, MOST_QUESTIONS),
    )


def picture_of(scene: Scene, size: int) -> Picture:
    """The scene as its camera sees it, rendered when asked for."""
    return Picture(key_of(scene), size, size, partial(_pixels, scene, size))


def _pixels(scene: Scene, size: int) -> Pillow.Image:
    return Pillow.fromarray(render(scene, size=size).rgb)


def world_picture(image: Image) -> Picture:
    """The picture behind a reference into a world; PictureError where its key is another's."""
    world = world_source(image.path)
    index = plain(image.member)
    if index < 0:
        raise PictureError(f"a picture of {image.path} is named by its number, got {image.member!r}")
    picture = picture_of(world.scene(index), world.size)
    if image.key and image.key != picture.key:
        raise PictureError(
            f"picture {image.member} of {image.path} has key {picture.key}, the record says {image.key}: the world has changed"
        )
    return picture


@dataclass(frozen=True, slots=True)
class WorldTruths:
    """Truth of all pictures of a world by their keys, made when asked for; KeyError where there is none."""

    address: str
    numbers: dict[str, int] = field(default_factory=dict, compare=False, repr=False)  # of the pictures walked past so far

    def __getitem__(self, key: str) -> Truth:
        world = world_source(self.address)
        if key not in self.numbers:
            for index in range(len(self.numbers), world.count):
                self.numbers[key_of(_scene(world.options, world.seed, world.bags, index))] = index
                if key in self.numbers:
                    break
        return _truth(world.options, world.seed, world.bags, self.numbers[key])
