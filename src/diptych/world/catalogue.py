"""What the world is made of: categories with their kinds and families, colours, sizes, materials, words, grounds and lights."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    """A fine noun, its plural, the coarser noun it is a kind of ("" where English has none that counts), and its family of look-alikes."""

    noun: str
    plural: str
    kind: str
    family: str
    turns: float = 180.0  # degrees that it may be turned away from its best view, either way
    holds: bool = False  # smaller things may stand on it
    words: bool = False  # words may be written on it
    common: float = 1.0  # weight in the prior


CATEGORIES: tuple[Category, ...] = (
    Category("car", "cars", "vehicle", "vehicle", 35),
    Category("truck", "trucks", "vehicle", "vehicle", 35, words=True),
    Category("boat", "boats", "vehicle", "vehicle", 35),
    Category("plane", "planes", "vehicle", "vehicle", 35),
    Category("rocket", "rockets", "vehicle", "vehicle"),
    Category("duck", "ducks", "bird", "animal", 35),
    Category("penguin", "penguins", "bird", "animal", 30),
    Category("turtle", "turtles", "animal", "animal", 35),
    Category("rabbit", "rabbits", "animal", "animal", 35),
    Category("chair", "chairs", "seat", "furniture", 35),
    Category("stool", "stools", "seat", "furniture"),
    Category("bench", "benches", "seat", "furniture", 30),
    Category("table", "tables", "", "furniture", 30, holds=True, common=3.0),
    Category("lamp", "lamps", "light", "furniture"),
    Category("hammer", "hammers", "tool", "tool", 30),
    Category("ladder", "ladders", "tool", "tool", 25),
    Category("ball", "balls", "toy", "toy"),
    Category("snowman", "snowmen", "toy", "toy", 30),
    Category("robot", "robots", "toy", "toy", 30),
    Category("mug", "mugs", "cup", "tableware", 35),
    Category("bottle", "bottles", "container", "tableware"),
    Category("vase", "vases", "container", "tableware"),
    Category("bucket", "buckets", "container", "tableware", 35),
    Category("cube", "cubes", "block", "block", 40, holds=True, words=True, common=2.0),
    Category("cone", "cones", "block", "block"),
    Category("pyramid", "pyramids", "block", "block", 40),
    Category("pine", "pines", "tree", "plant"),
    Category("palm", "palms", "tree", "plant"),
    Category("cactus", "cacti", "plant", "plant", 25),
    Category("mushroom", "mushrooms", "", "plant"),
    Category("house", "houses", "building", "building", 35),
    Category("castle", "castles", "building", "building", 40),
    Category("ring", "rings", "", "ornament", 35),
    Category("hourglass", "hourglasses", "", "ornament"),
    Category("umbrella", "umbrellas", "", "ornament", 40),
    Category("sign", "signs", "", "ornament", 20, words=True, common=2.0),
)
BY_NOUN = {category.noun: category for category in CATEGORIES}
NUMBER = {category.noun: number for number, category in enumerate(CATEGORIES)}

# sRGB from 0 to 1; brown and grey are left out because a shaded orange or white looks the same
COLOURS: dict[str, tuple[float, float, float]] = {
    "red": (0.84, 0.10, 0.11),
    "orange": (0.98, 0.50, 0.05),
    "yellow": (0.98, 0.86, 0.10),
    "green": (0.12, 0.62, 0.20),
    "cyan": (0.15, 0.83, 0.86),
    "blue": (0.12, 0.28, 0.86),
    "purple": (0.48, 0.17, 0.70),
    "pink": (0.98, 0.52, 0.75),
    "white": (0.97, 0.97, 0.97),
    "black": (0.10, 0.10, 0.11),
}
PLAIN_COLOURS = frozenset({"white", "black"})  # a pattern on them would look like the other one
SIZES: dict[str, float] = {"small": 0.72, "medium": 1.0, "large": 1.42}
MATERIALS: tuple[str, ...] = ("matte", "striped", "checkered", "shiny")
PATTERNS = frozenset({"striped", "checkered"})
WORDS: tuple[str, ...] = (
    "OPEN", "STOP", "EXIT", "SALE", "TAXI", "CAFE", "HOT", "NEW", "BUS", "GO", "UP", "TEA",
    "ZOO", "GYM", "BAR", "FREE", "MILK", "PARK", "LIVE", "FISH", "EAST", "WEST", "KEY", "HELP",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ground:
    """Two tones of the ground (sRGB), the pattern they make, and the sky where it shows."""

    name: str
    tones: tuple[tuple[float, float, float], tuple[float, float, float]]
    pattern: str  # plain | planks | tiles | speckle | dunes
    sky: tuple[float, float, float]


GROUNDS: tuple[Ground, ...] = (
    Ground("studio", ((0.74, 0.73, 0.71), (0.72, 0.71, 0.69)), "plain", (0.88, 0.88, 0.87)),
    Ground("parquet", ((0.76, 0.63, 0.49), (0.71, 0.58, 0.44)), "planks", (0.90, 0.87, 0.82)),
    Ground("terrace", ((0.70, 0.70, 0.68), (0.63, 0.64, 0.63)), "tiles", (0.75, 0.84, 0.93)),
    Ground("meadow", ((0.62, 0.70, 0.50), (0.57, 0.66, 0.45)), "speckle", (0.72, 0.85, 0.96)),
    Ground("beach", ((0.83, 0.76, 0.62), (0.79, 0.71, 0.57)), "dunes", (0.66, 0.83, 0.95)),
    Ground("carpet", ((0.58, 0.62, 0.69), (0.54, 0.58, 0.66)), "speckle", (0.84, 0.85, 0.88)),
)
BY_GROUND = {ground.name: ground for ground in GROUNDS}


@dataclass(frozen=True, slots=True)
class Light:
    """Strength and tint of the lamp and of the light from all round."""

    name: str
    lamp: tuple[float, float, float]
    around: tuple[float, float, float]
    elevation: float  # degrees


LIGHTS: tuple[Light, ...] = (
    Light("day", (0.86, 0.83, 0.78), (0.44, 0.46, 0.50), 55.0),
    Light("evening", (1.00, 0.72, 0.45), (0.34, 0.35, 0.44), 32.0),
    Light("overcast", (0.40, 0.41, 0.43), (0.72, 0.73, 0.75), 62.0),
    Light("night", (0.36, 0.42, 0.60), (0.17, 0.19, 0.28), 48.0),
)
BY_LIGHT = {light.name: light for light in LIGHTS}
