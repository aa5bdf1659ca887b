"""A METEOR archive of our own words, in the form that the real one has: what tests without the extra read."""

import gzip
import zipfile
from pathlib import Path

SYNSETS = {"car": "1", "automobile": "1", "dog": "2 3", "hound": "2", "run": "4", "operate": "4", "kid": "5", "child": "5", "house": "6"}
FORMS = {"run": "ran running", "child": "children"}
PARAPHRASES = [
    ("close to", "near"), ("close to", "next to"), ("near", "close to"), ("next to", "close to"), ("next to", "near"),
    ("a group of people", "several people"), ("several people", "a group of people"), ("several", "a number of"), ("caf\u00e9", "bar"),
]  # fmt: skip
FUNCTION = ("a", "the", "of", "to", "is", "are", ".", "in")


def write(folder: Path, paraphrases: list[tuple[str, str]] = PARAPHRASES) -> Path:
    """Writes the archive and the paraphrases; gives the folder."""
    (folder / "data").mkdir(parents=True)
    with zipfile.ZipFile(folder / "meteor-1.5.jar", "w") as jar:
        jar.writestr("function/english.words", "\n".join(FUNCTION) + "\n")
        jar.writestr("nonbreaking/english.prefixes", "#a comment\nMr\nNo #NUMERIC_ONLY#\n")
        jar.writestr("synonym/english.synsets", "".join(f"{word}\n{few}\n" for word, few in SYNSETS.items()))
        jar.writestr("synonym/english.exceptions", "".join(f"{word}\n{few}\n" for word, few in FORMS.items()))
    lines = "".join(f"0.1\n{one}\n{other}\n" for one, other in sorted(paraphrases))
    (folder / "data" / "paraphrase-en.gz").write_bytes(gzip.compress(lines.encode()))
    return folder
