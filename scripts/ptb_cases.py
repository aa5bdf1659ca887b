"""Hard captions."""


def cases() -> list[str]:
    return []
