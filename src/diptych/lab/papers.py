"""Which paper a recipe is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paper:
    """A recipe's paper, for `diptych list` and `diptych cite`."""

    title: str
    authors: str  # "Family, Given and Family, Given"
    year: int
    arxiv: str

    def bibtex(self, name: str) -> str:
        """A BibTeX entry."""
        fields = {
            "title": f"{{{self.title}}}",
            "author": self.authors,
            "year": str(self.year),
            "eprint": self.arxiv,
            "archivePrefix": "arXiv",
            "url": f"https://arxiv.org/abs/{self.arxiv}",
        }
        body = ",\n".join(f"  {key} = {{{value}}}" for key, value in fields.items())
        return f"@misc{{{name},\n{body}\n}}"
