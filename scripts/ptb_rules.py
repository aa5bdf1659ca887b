"""Rules of the PTB-style tokeniser, found by trying the reference tokeniser on millions of made-up strings (see docs/tokenising.md).

Each rule is an action, what it takes and what must follow it; the longest match wins (what follows counts), then the first rule.
Patterns are Python regular expressions over representatives: é stands for every letter beyond ASCII, \\u0301 for marks, ٠ for digits,
§ for symbols, \\x01 for what the reference deletes, ‘ ’ “ ” – € „ ² ₂ ⁻ ‐ ٫ for their families (`ptb_classes.txt`). Actions:
`diptych.language.ptb_finish`.
"""

from typing import NamedTuple


class Rule(NamedTuple):
    """One rule: what is done with the text, the text, and what must follow."""

    action: str
    pattern: str
    ahead: str = ""


def any_of(*patterns: str) -> str:
    """One of the patterns."""
    return "(?:" + "|".join(patterns) + ")"


def folded(text: str) -> str:
    """The text in capitals or not."""
    return "".join(f"[{c.lower()}{c.upper()}]" if c.isalpha() else c for c in text)


def words(text: str) -> str:
    """One of the listed words in capitals or not."""
    return any_of(*map(folded, text.split()))


def capital_first(text: str) -> str:
    """One of the listed words with a capital, the rest in capitals or not."""
    return any_of(*(word[0].upper() + folded(word[1:]) for word in text.split()))


def small_rest(text: str) -> str:
    """One of the listed words, only its first letter may be a capital."""
    return any_of(*(folded(word[0]) + word[1:] for word in text.split()))


# letters, digits, space
A = "[A-Za-z]"
L = "[A-Za-zé]"
MARKED = "[A-Za-zé\u0301\xad]"
D = "[0-9٠]"
LD = "[A-Za-zé0-9٠]"
HYPHEN = "[-_‐]"
LDS = "[A-Za-zé0-9٠\xad\u0301]"
SPACE = "[ \t\xa0\u2003]"
BLANK = "[ \t\xa0\u2003\n\r]"
ACCENT = "&[aAeEiIoOuU]" + words("acute grave uml") + ";"
CURLED = ("['’`‘]", "&apos;")  # apostrophes inside words
STRAIGHT = ("['’]", "&apos;")
INSIDE, BEFORE = any_of(*CURLED), any_of(*STRAIGHT)

# abbreviations: the first two lists may end a sentence
ENDING = words("""al ala apr ariz assn aug bancorp bhd bldg blvd bros calif co colo conn corp cos ct dak dec esq est etc ext feb fla fri ga
    inc ind intl jan jr jul jun kan kans ky ltd mar md mich minn mo mon mont neb nev nov oct okla penn plc rd rt sep sept seq sq sr sys tel
    tenn thu thurs tue tues univ va vt wed wis wisc wyo ph\\.d""")
ENDING = any_of(ENDING, capital_first("ark az del ill la mass miss ore pa tex wash"), small_rest("ppte ppty pte ptes pty ptys pptes pptys"))
OTHER = words("""adj adm adv alex assoc asst atty attys ave brig capt cf cie cmdr col comdr cpl dept det dr drs elec ens ft gen gov govs hon
    insp invt jos lieut lt maj messrs mlle mme mr mrs ms msgr mt natl pfc ph pres prof profs pvt rep reps rev sen sens sfc sgt spc st ste
    supt supts treas vs wm ed\\.d""")
OTHER = any_of(OTHER, small_rest("mfg mtg"))
NUMBERED = words("art ca fig figs no nos op pp prop")  # only before a number
STARTING = capital_first("""about according additionally after an as at but earlier he her here however if in it last many more now once one
    other our she since so some such that the their then there these they this we what when while yet you a""")
TITLE = "M[rRsS]\\."

# words
PLAIN = f"{any_of(MARKED, ACCENT)}{any_of(MARKED, D, ACCENT)}*"
WORD = f"{PLAIN}(?:[.!?]{PLAIN})*"
DOTTED = "[A-Za-z0-9][A-Za-z0-9.,\xad]*(?:-[A-Za-z0-9\xad]+)"
INITIALS = f"{A}(?:\\.{A})+"
ELISION = f"[dloDLO]{INSIDE}{LD}{LD}+"
PART = any_of(f"{LD}+", ELISION)
HYPHENED = f"{PART}(?:{HYPHEN}{PART})*"
ELIDED = f"[nN]{INSIDE}{L}{L}+"
NAMED = any_of(f"[A-HJ-XZ]{INSIDE}{L}{L}+", f"{L}+[aeiouyAEIOUY]{INSIDE}[aeiouA-Z]{L}*")
MARKED_WORDS = ("c'est", "c'mon", "li'l", "cap'n", "ev'ry")
KNOWN = any_of(
    *(folded(w).replace("'", BEFORE) for w in MARKED_WORDS), folded("nat'l"), folded("e'er"), f"s{BEFORE}mores", f"[oO]{INSIDE}[oO]"
)
FIRMS = f"[A-Z]+(?:{any_of('[&+]', folded('&amp;'))}[A-Z]+)+"
SIDE = "[A-Za-z0-9]+(?:-[A-Za-z]+){0,2}"  # of a slash
CLITIC = words("ll re ve")
NOT_CLITIC = any_of("[^sdmlrvSDMLRV]", "[lL][^lL]", "[rRvV][^eE]")
LETTER_NOT_CLITIC = any_of("[abce-knopqt-uw-zABCE-KNOPQT-UW-Zé]", "[lL][^lL]", "[rRvV][^eE]")

# the web
PATH = '[^ \t\n\r"<>|()]'
PATH_END = '[^ \t\n\r"<>|.!?(){},-]'
WEB_PATH = f"(?:/{PATH}+{PATH_END})?"
LABEL = "[^ \t\n\rA-Z!\"$'(),./0-9:;<=>?@\\[\\\\\\]^_`{|}-]"
MAIL = '[^ \t\n\r\xa0"<>|(){}]'
MAIL_LABEL = '[^ \t\n\r\xa0"<>|(){}.]'
VALUE = any_of('"(?:[^"\\\\\n\r]|\\\\.)*"', "'(?:[^'\\\\\n\r]|\\\\.)*'")
ATTRIBUTE = f" +[A-Za-z][A-Za-z0-9:._-]*(?: *= *{VALUE})?"
TAG = f"{A}[-A-Za-z0-9.:_]*"
TAGS = f"(?:<{TAG}(?:{ATTRIBUTE})* */? *>|</{TAG} *>|<[!?][A-Za-z-][^>\n\r]*>)"
SUFFIX = words(
    "c h gz pl ps py bat bmp cgi cpp dll doc exe gif htm jar jpg mov mp3 pdf php png ppt sql tar txt wav xml zip docx html java jpeg class"
)
FACE = "[-x=~<>^']"

# numbers
NUMBER = any_of(f"{D}+", f"{D}*(?:[.:,\xad٫]{D}+)+")
GAP = "[- \xa0]"
PHONE = f"(?:\\([0-9]{{2,3}}\\)[ \xa0]?|\\+*[0-9]{{2,4}}{GAP}(?:[0-9]{{2,4}}{GAP})?)[0-9]{{3,4}}{GAP}?[0-9]{{3,5}}"

RULES = (
    Rule("drop", f"(?:{SPACE}|{folded('&nbsp;')})+"),
    Rule("line", "\n|\r|\r\n"),
    Rule("drop", "[\x01‐٫.,!?:;]|--?-?-?"),
    Rule("halves", words("cannot gonna gotta lemme gimme wanna")),
    Rule("word", "'[tT]", words("is was")),
    Rule("glued", TAGS),
    Rule("as_is", f"{folded('http')}[sS]?://{PATH.replace('()', '(){}')}+{PATH_END}"),
    Rule("as_is", f"(?:<|&lt;)?[a-zA-Z0-9]{MAIL}*@{MAIL_LABEL}+(?:[.]{MAIL_LABEL}+)*(?:>|&gt;)?"),
    Rule("phone", PHONE),
    Rule("round", "[<>]?[:;=][-o*']?[][()DPdpO{@|\\\\]", "[^A-Za-z0-9]"),
    Rule("round", f"{FACE}_{FACE}|[(]{FACE}[_.]?{FACE}[)]|[(][x=~<>^']-[x=~<>^'`][)]"),
    Rule("drop", f"&{any_of(folded('mdash'), folded('ndash'))};"),
    Rule("word", "(?:\\\\\\*)+"),
    Rule("as_is", f"@[A-Za-z_][A-Za-z0-9_]*|#{any_of(MARKED, ACCENT)}+"),
    Rule("word", f"{ENDING}\\.", "[^\n]"),
    Rule("word", f"{ENDING}\\.", "-[A-Za-z0-9]"),
    Rule("word", "[cC](?:#|\\+\\+)|[fF]#"),
    Rule("word", WORD),
    Rule("as_is", f'{folded("www")}\\.(?:[^ \t\n\r"<>|.!?(){{}},]+\\.)+[a-zA-Z]{{2,4}}{WEB_PATH}'),
    Rule("as_is", f"(?:{LABEL}+\\.)+{words('com net org edu')}{WEB_PATH}"),
    *(Rule("upright", f"[nN]{quote}[tT]") for quote in CURLED),
    *(Rule("word", "[A-Za-z\xad]*[A-MO-Za-mo-z\xad]", f"[nN]{quote}[tT]") for quote in CURLED),
    Rule("upright", "'[sSdDmM]"),
    Rule("upright", f"'{CLITIC}", "[^A-Za-z]"),
    Rule("upright", f"(?:’|&apos;){any_of('[sSdDmM]', CLITIC)}"),
    Rule("word", BEFORE + any_of(words("em til till cause"), f"[nN]{BEFORE}", "[2-9]0[sS]")),
    Rule("word", "'[nN]", "[ \t\xa0\n]"),
    Rule("word", "(?:’|&apos;)[nN]"),
    Rule("word", ELISION),
    *(Rule("word", WORD, f"{quote}{clitic}[^A-Za-zé]") for quote in STRAIGHT for clitic in ("[sSdDmM]", CLITIC)),
    Rule("drop", "'", "[A-Za-z][A-Za-z]"),
    Rule("word", f"{BEFORE}[0-9][0-9]", BLANK),
    Rule("word", any_of(ELIDED, NAMED, KNOWN)),
    *(Rule("word", f"[yY]{quote}", LETTER_NOT_CLITIC) for quote in STRAIGHT),
    *(Rule("word", f"{folded('ol')}{quote}", NOT_CLITIC) for quote in STRAIGHT),
    *(Rule("word", f"[dDjJlL]{quote}", NOT_CLITIC) for quote in STRAIGHT),
    Rule("word", any_of(ENDING, OTHER, A, INITIALS) + "\\."),
    Rule("word", f"{NUMBERED}\\.", D),
    Rule("word", f"{NUMBERED}\\.", BLANK + D),
    Rule("as_is", f"(?:{LDS}+\\.)*{D}{LDS}*(?:\\.{LDS}+)*\\.{any_of('[xX]', SUFFIX)}", "[ \t\n\xa0\u2003!,.?]"),
    Rule("word", A, f"\\.{BLANK}+{any_of(STARTING, TITLE, TAGS)}{BLANK}"),
    Rule("word", any_of(WORD, f"{DOTTED}+", HYPHENED, "[A-Z]+(?:[&+][A-Z]+)+") + "\\.", "[,;:]"),
    Rule("word", any_of(f"{DOTTED}+", HYPHENED, f"{DOTTED}*-{INITIALS}\\.(?:-{LD}+)*", f"{SIDE}(?:\\\\?/{SIDE}){{1,2}}")),
    Rule("glued", f"(?:{D}{{1,4}}{GAP})?{D}{{1,4}}(?:/|⁄|\\\\/){D}{{1,4}}"),
    Rule("word", f"{D}{{1,2}}[-/]{D}{{1,2}}[-/]{D}{{2,4}}"),
    Rule("word", f"[-+]?{NUMBER}"),
    Rule("=&", folded("&amp;")),
    Rule("=<", folded("&lt;")),
    Rule("=>", folded("&gt;")),
    Rule("drop", "&quot;|&apos;"),
    Rule("word", f"&{words('quot apos')};|&#[0-9]+;"),
    Rule("and", FIRMS),
    Rule("word", f"{words('anti pro')}-|[sS]&[pP]-500"),
    Rule("word", "[A-Z]+\\$"),
    Rule("=#", "£"),
    Rule("=$", "€"),
    Rule("=cents", "¢"),
    *(Rule(f"={text}", sign) for sign, text in zip("¼½¾⅓⅔", ("1/4", "1/2", "3/4", "1/3", "2/3"), strict=True)),
    Rule("drop", "[.]{3,5}|…|[.] [.] [.]|–|''?|\"|\xad"),
    Rule("as_is", "[!?]+|-+|\\*+|_+|@+|⁻?(?:²+|₂+)|#+|<<?|>>?"),
    Rule("quotes", "[`„‘’“”‹›]{1,2}"),
    Rule("as_is", "-[lLrR][rRsScC][bB]-"),
    Rule("brackets", "[][(){}]"),
    Rule("as_is", "[^\n\r]"),
)
