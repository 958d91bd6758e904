"""Spoken words made ready for reading: one spelling, numbers as digits, politeness and what is counted gone."""

from __future__ import annotations

import re
from difflib import get_close_matches

from handlers.spoken_clocks import PLACE
from handlers.spoken_day_words import MONTH_NAME, TAKEN
from knowledge.words import normalise


def word_list(listed: str) -> list[str]:
    """Give the words of a list parted by spaces and lines, in order."""
    return listed.split()


ONES = word_list("""zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen""")
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
FIRSTS = word_list("""first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth""")
NUMBER = re.compile(rf"\b(?:({'|'.join(TENS)})(?:[ -]({'|'.join(ONES[1:10])}))?|({'|'.join(ONES)}))\b")
ORDINAL = re.compile(
    rf"(?:^|(?<=\bthe )|(?<=\bon )|(?<=[a-z] ))(?:(twenty|thirty)[ -])?({'|'.join(FIRSTS)}|thirtieth)"
    rf"(?=\s*(?:$|[,.;?]|of\b|day of\b|at\b|in the\b|{MONTH_NAME}))"
)
POLITE = re.compile(
    r"(?:方便|可以|行|有空|有时间|合适|没问题)的话|如果(?:方便|可以|行|有空|合适)|\b(?:how|what) about\b"
    r"|[\u4e00-\u9fff]{2,4}(?:快乐|安康|吉祥)|(?:新年|过年|节日|周末)好|拜年(?!那|当|[之以]?[前后])"
    r"|\b(?:happy|merry) (?:chinese |lunar )?(?:new year|christmas|holidays?|national day|weekend"
    r"|(?:spring|mid-?autumn|lantern|dragon boat) festival)\b"
    r"|早上好|上午好|中午好|下午好|晚上好|早安|午安|晚安|\bgood (?:morning|afternoon|evening|night)\b"
    r"|行不行|可不可以|能不能|好不好|方便不方便|方不方便|有没有空?|是不是|在不在|不好意思|不知道?|对不起|不错|没问题|要不要?|差不多|不是很急|不急"
    r"|\bif (?:possible|you can|ok|convenient|you(?:'re| are) (?:free|available)"
    r"|(?:that|it)(?:'s| is)? (?:works?|suits?|ok(?:ay)?|possible|fine|convenient))\b"
    r"|\bno (?:problem|rush|worries)\b|\bif not,? never mind\b|\bdon'?t mind\b"
)
# "能视频不" asks; it denies nothing.
WHETHER = re.compile(r"能[^,。?!不]*不(?=[,。?!]*$)|(?:行|成|好|方便|有空)不(?=[,。?!]*$)")
COUNTED = re.compile(
    r"[\d一二两三四五六七八九十]+\s*(?:个|位|名|口)(?:人|大人|孩子|小孩|娃|老人|问题|事|老乡|同事|朋友)|(?<![周期拜])一(?:下(?!午)|起|次|家|位|趟|场|些|直)"
    r"|尾号是?\d{3,6}|\bend(?:s|ing)? (?:in|with) \d{2,6}\b"
    r"|\d+ (?:people|persons|of us|adults|children|kids|questions?|colleagues)"
    r"|(?<!\bin )(?<!within )(?<!after )(?<!every )\b(?:for )?(?:about |around )?\d+[ -]?(?:hours?|minutes?|mins?)\b"
    r"(?: or so)?"
    r"(?! (?:from|later|earlier|before|after|ago|late|past|to)\b)"
    r"|(?:大概|大约)?(?:聊|谈|用|要)?(?:[\d一二两三]+个?半?小时|半个?小时|\d+分钟)(?!以?之?[后前])"
)
# Sounds and words that only fill a pause, also in the middle of a time: "下个…那个…周三".
FILLERS = re.compile(
    r"[嗯呃哦噢唉哎诶唔]+[,、。]?|(?<![\u4e00-\u9fff])那个(?=[^一-鿿]|[周星礼上中下早晚今明后]|$)[,、。]?|就是说?[,、。]?|[…~]+|\.{2,}"
    r"|,?\s*\b(?:um+|uh+|er|erm+|hmm+|you know|i mean|like|kind of|let'?s say)\b\s*,?"
)
# Words of the south, and of a hurried thumb, in common spelling.
SPELLINGS = {
    r"听日": "明天", r"听朝": "明早", r"听晚": "明晚", r"上昼": "上午", r"下昼": "下午",
    r"(?<!礼)拜(?=[二三四五六日天]|一[上晚早中])": "礼拜",
    r"俩(?=个?(?:小时|钟头|礼拜|星期|月)|天|周(?![一二三四五六日天末]))": "两",
    r"\b(?:tmrw?|tmw|tmo?rw|2mor+o?w?|tomoz)\b": "tomorrow", r"\bnxt\b": "next", r"\bwk\b": "week",
    r"\bwk?e?nd\b": "weekend", r"\barvo\b": "afternoon", r"\bb4\b": "before", r"\bhrs?\b": "hours",
    r"\b(?:but )?(?:not|no) (?:before|earlier than)\b": "after",
    r"(?<=[ap]m )(pacific|eastern|central|mountain)(?! (?:time|european|african|standard|daylight))": r"\1 time",
}  # fmt: skip
DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "tomorrow",
             "morning", "afternoon", "evening")  # fmt: skip
ALIKE = 0.8  # "wensday", "tomorow"; "someday", "midday", "holiday" are less alike


def prepare(words: str) -> str:
    """Give words in one spelling: half width, simplified, lower case, English numbers as digits, greetings gone."""
    text = normalise(words).split("=")[0]
    text = re.sub(r"二[〇零○][〇零○一二三四五六七八九]{2}(?=年)", _year_in_digits, text)
    text = re.sub(r"[–—~∼〜]", "-", text).replace("’", "'").replace(TAKEN, " ").replace(PLACE, " ")
    # Runs of one sign as one: what looks for them would take seconds over thousands.
    text = re.sub(r"([,;!?。、\s])\1+", r"\1", FILLERS.sub(",", text))
    for pattern, spelling in SPELLINGS.items():
        text = re.sub(pattern, spelling, text)
    text = re.sub(r"\b[a-z]{5,10}\b", _day_name, text)
    # A word may be split by a space: "下 周三", "12 月 3 日".
    text = re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff\d])|(?<=\d)\s+(?=[\u4e00-\u9fff])", "", text)
    text = WHETHER.sub(lambda found: found[0].replace("不", " "), text)
    text = re.sub(r"(?<=[a-z])(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])(?=[a-z])", " ", text)
    text = POLITE.sub(lambda found: " " * len(found[0]), text)
    if re.search(r"[a-z]", text):
        text = re.sub(r"\s*@\s*(?=\d)", " at ", text)
        text = re.sub(r"\b(an?|half an|\w+) (hours?|minutes?) from now\b", r"in \1 \2", text)
        text = re.sub(r"\bhalf an hour\b", "30 minutes", text)
        text = re.sub(r"\b(?:a|one) fortnight\b", "2 weeks", text)
        text = re.sub(r"\ban? (?=(?:hour|minute|day|week|month)s?\b)", "1 ", text)
        text = ORDINAL.sub(_ordinal, text)
        text = NUMBER.sub(_number, text)
        # "tomorrow, nine in the morning"
        text = re.sub(
            r"(^|[,.;!?] ?|day |tomorrow )(\d{1,2}) (?=in the (?:morn|after|even)|at night)", r"\1\2:00 ", text
        )
        text = re.sub(r"\b(\d{1,2})[ -](1[3-9]|[2-5]\d) (?=(?:in the|on|tomorrow|am|pm)\b)", r"\1 \2 ", text)
    return text


def without_counted(text: str) -> str:
    """Take out how many people come and how long they need: no part of when."""
    return COUNTED.sub(lambda found: " " * len(found[0]), text)


def _year_in_digits(found: re.Match[str]) -> str:
    return found[0].translate(str.maketrans("〇零○一二三四五六七八九", "000123456789"))


def _day_name(found: re.Match[str]) -> str:
    """Mend a slip in the name of a day; "mondays" are many."""
    word = found[0]
    near = [] if word.endswith("s") else get_close_matches(word, DAY_NAMES, n=1, cutoff=ALIKE)
    return near[0] if near else word


def _number(found: re.Match[str]) -> str:
    tens, one, small = found.groups()
    return str(TENS[tens] + (ONES.index(one) if one else 0) if tens else ONES.index(small))


def _ordinal(found: re.Match[str]) -> str:
    tens, one = found[1], found[2]
    number = 30 if one == "thirtieth" else TENS.get(tens or "", 0) + FIRSTS.index(one) + 1
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10 if number // 10 != 1 else 0, 'th') }"
