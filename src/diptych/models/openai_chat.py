"""A hosted chat model: cached answers first, the rest asked of the server, everything counted."""

from collections import Counter
from dataclasses import dataclass, field

from diptych.models.abilities import ChatRequest, Failed, Replied
from diptych.models.openai_address import Hosted


@dataclass(slots=True)
class HostedChat:
    """The chat ability of a server's model. `spent` counts tokens, money and outcomes until somebody takes them."""

    hosted: Hosted
    spent: Counter[str] = field(default_factory=Counter)

    def chat(self, requests: list[ChatRequest]) -> list[Replied | Failed]:
        """The server's replies."""
        return [Failed(f"{self.hosted.said} is not asked yet") for _ in requests]
