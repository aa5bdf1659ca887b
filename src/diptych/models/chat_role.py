"""What all roles of a chat model share."""

from collections import Counter
from dataclasses import dataclass

from diptych.models.abilities import ChatModel
from diptych.models.spending import spent_of


@dataclass(frozen=True, slots=True)
class ChatRole:
    """A role stands for its chat model where a run asks which weights answered and what they cost."""

    chat: ChatModel

    @property
    def revision(self) -> str:
        """The chat model's."""
        return str(getattr(self.chat, "revision", ""))

    @property
    def spent(self) -> Counter[str]:
        """What the chat model has spent."""
        return spent_of(self.chat)
