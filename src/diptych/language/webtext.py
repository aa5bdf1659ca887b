"""What stands in alt-texts of the web and says nothing of the picture: file names, stock numbers, credits, dates, offers."""

import re

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\ {_MONTH}\b\.?(?:,?\ \d{{4}})?|\b{_MONTH}\.?\ \d{{1,4}}(?:st|nd|rd|th)?\b(?:,?\ \d{{4}})?)"
_NAME = r"(?-i:[A-Z][\w.'’-]*(?:\ [A-Z][\w.'’-]*){0,3})"
_SILENT = re.compile(
    rf"""
    [\w-]+\.(?:jpe?g|png|gif|webp|bmp|tiff?|svg|heic|pdf)\b(?:\ copy\b)?
    | \b(?:img|dsc[nf]?|pict|sku|isbn|item|ref)[-_#. ]*\d{{3,}}\w*(?:\ copy\b)?
    | (?:\b(?:photos?|pictures?|images?|photograph(?:y|ed)?|illustration|credits?|source)\ ?(?::|by)|©|\(c\))\ *{_NAME}
    | ,\ by\ {_NAME}
    | {_NAME}\ on\ (?={_DATE})
    | {_DATE}
    | \b(?:in\ stock|out\ of\ stock|free\ shipping|buy\ now|buy\ online|shop\ now|for\ sale|on\ sale|best\ price(?:\ online)?|read\ more)\b
    | \bclick\ (?:here\ )?(?:to|for)\ \w+(?:\ image)?
    | \b\d+\ ?%(?:\ off)?
    | \bhttps?://\S+ | \bwww\.\S+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CUE = re.compile(r"[\d©:%_/]|click|stock|shipping|buy|shop|price|sale|\bby [A-Z]|read more|\bon [A-Z]|\.(?:jp|pn|gi|we)", re.IGNORECASE)


def blanked(text: str) -> str:
    """The text with such passages as spaces, so that offsets stay."""
    if not _CUE.search(text):
        return text
    return _SILENT.sub(lambda match: " " * len(match.group()), text)
