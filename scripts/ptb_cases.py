"""Hard captions, composed at random from our own fragments: what ptb_reference.py asks the reference about."""

import random
import string

FRAGMENTS = r"""
a the A The man Man MAN dog's dogs' can't CAN'T won’t isn‘t it's It's I'm they're we've he'll she'd y'all 'tis 'twas o'clock rock'n'roll
'n' ma'am O'Neil d'Or l'été qu'il Hawai'i cannot gonna Gotta lemme ’em ’90s ‘90s aren`t ol' d'you c'mon cap'n nat'l 'cause 's Jean-d'Arc
Mr. Mrs. Dr. St. U.S. U.K. U.S.A. e.g. i.e. etc. a.m. p.m. Inc. Ltd. Co. Jan. Feb. No. no. Nos. vs. Ave. Blvd. Ph.D. M.D. D.C. L.A. N.Y.
J. J.K. R.E.M. Jr. Sr. Prof. Gen. Col. ft. in. oz. lbs. approx. Fig. pp. vol. ca. c. art. Ark. Ill. Mass. Miss. La. Wash. Tex. Del.
1 2 10 100 1,000 1,000,000 3.5 .5 0.5 1/2 3/4 1~1/2 2~3/4" ½ 1½ ¼ ⅓ 50% $5 $5.99 $1,000 £20 €30 ¥100 50¢ 5' 5'10" 6ft 10km 5x7 8x10
1080p 4K 3D 2nd 1st 21st 1990s '90s 90's 1990-2000 2010 1/2/2010 2010-01-02 12/25/2015 10:30 10:30am 12-25 #1 #10 No.5 +1 -5 ±5 5° 90°
20°C 2.0 v1.2 1.2.3 192.168.0.1 555-1234 (555)~123-4567 555-123-4567 +44~20~7946~0958 123~456~7890 1,5 10,000m 100-200 16:9 4:3 24/7
9/11 50/50 300dpi f/2.8 1/250s ISO100 H2O m² x² 10⁶ US$5 A$5 x₂
. , ; : ! ? !! ?? ?! ... .. .... … - -- --- – — ‐ − ^ * ** & &amp; @ # ## % / \ | || + ++ = == < > << >> <3 -> => <- ( ) [ ] { } () []
(a) [b] {c} " ' ` `` '' ‘ ’ “ ” « » ‹ › „ ‚ ‟ ´ § ¶ © ® ™ ° • · × ÷ † ★ ☆ ♥ ✓ → ■ ● ♪ ..... ----- ??!! ______ _
:) :-) :( ;) :D :P :/ :'( ^_^ -_- o_O T_T =) =D :] (^_^) (^^) XD :3 8) :-* :o) >:( >_< ¯\_(ツ)_/¯
http://www.example.com https://example.com/a/b?c=d&e=f#g www.example.com example.com example.com/about foo.org/bar.html bit.ly/abc123
me@example.com john.doe@mail.example.co.uk @user @user_name #tag #hashtag2 image.jpg IMG_1234.JPG photo-1.png file.pdf 12.jpg a.b a.b.c
end.Start word,word word;word a/b and/or red/blue/green AC/DC w/ w/o b&w B&W AT&T R&B Q&A rock&roll C++ C# .NET node.js http://a.b/(c)
<a> </a> <br> <br/> <b>bold</b> <i> <a~href="x"> <img~src="a.jpg"~/> <person> <unk> <UNK> [UNK] <!--~c~--> &nbsp; &lt; &gt; &quot; &#39;
&eacute; &rsquo; caf&eacute; well-known T-shirt x-ray 5-year-old black-and-white mother-in-law U.S.-based non-U.S. post-1990 A-1 3-D
semi- -based self--made under_score CamelCase iPhone McDonald's Coca-Cola 7-Eleven 7UP snow-covered e-mail's
café naïve résumé Ångström über straße señor İstanbul ΑΘΗΝΑ Москва 東京 日本語テキスト 한국어 العربية עברית हिन्दी ไทย
中文，标点。 「引用」 （全角）
ＡＢＣ １２３ ﬁ ǆ ß 😀 😂❤️ 👍🏽 👨‍👩‍👧 🇺🇸 a😀b word😀 😀word 𝒜𝓑 ☺ ❤️ ✈️ ⭐ ©️
"""
HIDDEN = (
    *(
        "e\u0301",
        "a\u0310",
        "\u200d",
        "\ufeff",
        "soft\xadhyphen",
        "zero\u200bwidth",
        "nb\xa0sp",
        "\x01",
        "\x7f",
        "\x80",
        "\x91a\x92",
        "\x93b\x94",
    ),
    *"\x00\x1c\x85\x96\x99\ufffd\ue000\u3000\u2003\u2009\t\xa0\xad",
)
PLAIN = """man woman dog cat street standing sitting riding a the of in on with and red blue large small people train bus kitchen table
pizza holding next to his her two three group young water grass field snow tennis baseball player plate food white black sign clock tower"""
ENDINGS = ["a dog's", "they'll", "in the U.S.", "no.", "p.", "see art.", "man.,", "'tis", "the '90", "", " ", "a (b", "http://a.b/c", "5'"]


def composed(number: int, seed: int) -> list[str]:
    """Captions of fragments and plain words, with and without spaces between them."""
    draw = random.Random(seed)
    pieces = [fragment.replace("~", " ") for fragment in FRAGMENTS.split()] + [*HIDDEN]
    plain = PLAIN.split()
    captions = []
    for _ in range(number):
        odd, apart = draw.choice([0.2, 0.8]), draw.choice([0.4, 0.7, 0.95])
        parts = [draw.choice(pieces if draw.random() < odd else plain) for _ in range(draw.choice([1, 2, 3, 5, 9]))]
        captions.append("".join(part + (" " if draw.random() < apart else "") for part in parts))
    return captions


def mutated(captions: list[str], number: int, seed: int) -> list[str]:
    """Captions with one to eight characters put in, changed or taken out at random."""
    draw = random.Random(seed)
    signs = (
        string.punctuation * 3
        + string.digits * 3
        + "aAsStdlLnI   " * 3
        + "éàñÉßçıİΩж中अिा٣\u0301’‘“”–—…•™®°½€£¢★😀\u200b\xad\xa0\u3000´′№²"
    )
    made = []
    for _ in range(number):
        signs_of = [*draw.choice(captions)]
        for _ in range(draw.choice([1, 2, 4, 8])):
            place = draw.randrange(len(signs_of) + 1)
            signs_of[place : place + draw.choice([0, 0, 1])] = draw.choice(["", *[draw.choice(signs)] * 3])
        made.append("".join(signs_of))
    return made


def strings(number: int, seed: int) -> list[str]:
    """Short strings of random signs, half of them ASCII."""
    draw = random.Random(seed)
    narrow = string.punctuation + string.digits + string.ascii_letters + "   "
    wide = [chr(c) for c in range(0x80, 0x20000) if not 0xD800 <= c < 0xE000 and c not in (0x2028, 0x2029)]
    pools = (narrow, narrow, narrow + "éÉ’‘“”–…½€£★😀\xad\xa0" * 3, wide)
    return ["".join(draw.choice(draw.choice(pools)) for _ in range(draw.randint(1, 14))) for _ in range(number)]


def documents() -> list[list[str]]:
    """Lists of captions, each read by the reference as one document."""
    alone = [fragment.replace("~", " ") for fragment in FRAGMENTS.split()] + [*HIDDEN]
    long = " ".join(composed(400, 1)), "x" * 5000, "a, " * 3000, "(" * 500, "3." * 700
    breaks = ["\r", "\r\n", "\v", "\f", "\u2028", "\u2029", "\n", "\n\r", "a\r", "\ra"]
    shifted = [[f"a man{end}on a horse", "two dogs", f"p.{end}The end", "last"] for end in breaks]
    seen = [
        [first, second] for first in ("p.", "seat no.", "the '90", "it's a m. ", "art.") for second in ("The man", "5 cats", "man", " A b")
    ]
    return [alone + composed(1200, 0), list(long), *shifted, *seen, *([end] for end in ENDINGS), ["p.", "", " ", "The man", "J.", "Mr. X"]]
