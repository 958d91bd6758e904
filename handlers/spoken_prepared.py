"""Spoken words made ready for reading: one spelling, numbers as digits, politeness and counted things out of the way.

Also what must not stay unread: a time is only taken where nothing is left over that could change it.
"""

from __future__ import annotations

import re

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
    rf"(?:(?<=\bthe )|(?<=\bon )|(?<=[a-z] ))(?:(twenty|thirty)[ -])?({'|'.join(FIRSTS)}|thirtieth)"
    rf"(?=\s*(?:$|[,.;?]|of\b|at\b|in the\b|{MONTH_NAME}))"
)
POLITE = re.compile(
    r"早上好|上午好|中午好|下午好|晚上好|早安|午安|晚安|\bgood (?:morning|afternoon|evening|night)\b"
    r"|行不行|可不可以|能不能|好不好|方便不方便|方不方便|有没有空?|是不是|在不在|不好意思|不知道?|对不起|不错|没问题|要不要?|差不多|不是很急|不急"
    r"|\bno (?:problem|rush|worries)\b|\bif not,? never mind\b|\bdon'?t mind\b"
)
COUNTED = re.compile(
    r"[\d一二两三四五六七八九十]+\s*(?:个|位|名|口)(?:人|大人|孩子|小孩|娃|老人|问题|事|老乡|同事|朋友)|(?<![周期拜])一(?:下(?!午)|起|次|家|位|趟|场|些|直)"
    r"|\d+ (?:people|persons|of us|adults|children|kids|questions?|colleagues)"
    r"|\bfor (?:about )?(?:an?|\d+|half an) (?:hours?|minutes?|mins?)(?: or so)?\b"
    r"|(?:大概|大约)?(?:聊|谈|用|要)?(?:[\d一二两三]+个?半?小时|半个?小时|\d+分钟)(?!以?之?[后前])"
)
# What rules a time out, makes it one of several or one that comes again and again.
DENIED = re.compile(
    r"不|别|除(?!夕)|没有?(?:空|时间)|(?<!帮)忙|每|隔|再下|最[早晚迟快]|"
    r"\b(?:not|never|except|unless|avoid|but|every|each|can'?t|cannot|don'?t|won'?t|isn'?t"
    r"|other than|apart from|instead of|rather than|busy|unavailable|no|skip|starting|onwards?|latest|earliest)\b"
)
# In Chinese what changes a time stands close by it, in English anywhere.
LEFT_OVER = re.compile(
    r"\d|[二三四五六七八九十][号点月]|一[号月]|初[一二三四五六七八九十]|廿|第[一二三四五六七]天|最后|头一?天|次日|翌日|开工|拜年"
    r"|饭[前后]|半[月周年]|周[一二三四五六日天末]|星期|礼拜|[上下]周|月[底初末]|[今明去后]年|个月|点钟|工作日|改天|下次|过[几两]"
    rf"|{TAKEN}\s*(?:节|的)?\s*(?:以|之)?[前后内外](?![台面])|{TAKEN}\s*(?:的?第|左右|上下|开始|起(?!床)|以来|为止|截止|[上下]半|那一?[周月])"
    rf"|(?:过|完|等|自|离|距|比|[临接]近|整|某|哪|另|隔|快|(?<![改推约放调换挪])到|[上下再]个?[\s,]*)\s*{TAKEN}"
    rf"|{TAKEN}\s*[零二三四五六七八九十](?!分)|[二三四五六七八九十]\s*{TAKEN}|{TAKEN}\s*(?:or|或者?|还是|/)"
    rf"|\b(?:by|until|till?|since|past|from|to|than|around|about|near|over|early|late|mid|within|following|other|another)"
    rf"[ -](?:the )?{TAKEN}|{TAKEN} (?:or so|ish|or later)"
    r"|\b(?:next|last|weeks?|months?|years?|hours?|minutes?|mins?|weekdays?|days|later|earlier|quarter|half|o'clock)\b"
    r"|\b(?:before|after|(?:end|start|beginning|middle|rest|part|first) of)\b"
)
# With no day read, what may name one must not be passed over: "情人节下午".
UNKNOWN_DAY = re.compile(r"[天日节期周月年号]|\b(?:day|date|week|eve|holidays?|birthday)\b")
# Sounds and words that only fill a pause, also in the middle of a time: "下个…那个…周三".
FILLERS = re.compile(
    r"[嗯呃哦噢唉哎诶唔]+[,、。]?|那个(?=[^一-鿿]|[周星礼上中下早晚今明后]|$)[,、。]?|就是说?[,、。]?|[…~]+|\.{2,}"
    r"|,?\s*\b(?:um+|uh+|er|erm+|hmm+|you know|i mean|like|kind of|let'?s say)\b\s*,?"
)


def prepare(words: str) -> str:
    """Give words in one spelling: half width, simplified, lower case, English numbers as digits, greetings gone."""
    text = normalise(words).split("=")[0]
    text = re.sub(r"二[〇零○][〇零○一二三四五六七八九]{2}(?=年)", _year_in_digits, text)
    text = re.sub(r"[–—~∼〜]", "-", text).replace("’", "'").replace(TAKEN, " ").replace(PLACE, " ")
    text = FILLERS.sub(",", text)
    # A word may be split by a space: "下 周三", "12 月 3 日".
    text = re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff\d])|(?<=\d)\s+(?=[\u4e00-\u9fff])", "", text)
    text = POLITE.sub(lambda found: " " * len(found[0]), text)
    if re.search(r"[a-z]", text):
        text = re.sub(r"\bhalf an hour\b", "30 minutes", text)
        text = re.sub(r"\b(?:a|one) fortnight\b", "2 weeks", text)
        text = re.sub(r"\ban? (?=(?:hour|minute|day|week|month)s?\b)", "1 ", text)
        text = ORDINAL.sub(_ordinal, text)
        text = NUMBER.sub(_number, text)
        text = re.sub(r"\b(\d{1,2})[ -](1[3-9]|[2-5]\d) (?=(?:in the|on|tomorrow|am|pm)\b)", r"\1 \2 ", text)
    return text


def without_counted(text: str) -> str:
    """Take out how many people come and how long they need: no part of when."""
    return COUNTED.sub(lambda found: " " * len(found[0]), text)


def is_left_over(text: str, *, has_day: bool) -> bool:
    """Tell whether something stayed unread that could change the time, or name its day."""
    rest = re.sub(rf"{TAKEN}+", TAKEN, text)
    return bool(LEFT_OVER.search(rest) or (not has_day and UNKNOWN_DAY.search(rest)))


def _year_in_digits(found: re.Match[str]) -> str:
    return found[0].translate(str.maketrans("〇零○一二三四五六七八九", "000123456789"))


def _number(found: re.Match[str]) -> str:
    tens, one, small = found.groups()
    return str(TENS[tens] + (ONES.index(one) if one else 0) if tens else ONES.index(small))


def _ordinal(found: re.Match[str]) -> str:
    tens, one = found.groups()
    number = 30 if one == "thirtieth" else TENS.get(tens or "", 0) + FIRSTS.index(one) + 1
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10 if number // 10 != 1 else 0, 'th') }"
