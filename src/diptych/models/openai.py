"""`openai:MODEL`: any server that speaks OpenAI's chat protocol, in every role a chat model has."""

from typing import Any

from diptych.data.errors import AddressError
from diptych.models.addresses import Address
from diptych.models.chat_as import chat_as
from diptych.models.openai_address import hosted_of


def open_openai(address: Address, ability: type) -> Any:
    """The scheme of `openai:`; AddressError says what is missing or cannot be asked of a chat model. Nothing is sent yet."""
    hosted = hosted_of(address)
    try:
        from diptych.models.openai_chat import hosted_chat  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("diptych"):
            raise
        raise AddressError(f"{hosted.said} needs {error.name}, which is not installed: pip install 'diptych[hosted]'") from error
    model = chat_as(hosted_chat(hosted), ability)
    if model is None:
        raise AddressError(
            f"{hosted.said} cannot be a {ability.__name__}: a chat model captions, answers, writes, judges, compares and entails"
        )
    return model
