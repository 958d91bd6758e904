"""Reading a person's name as people give it (2 to 40 characters, "·", any script; no titles)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import ClassVar

from handlers.contacts import normal, without_contacts
from handlers.questions import Problem, Question, looks_like_question, word_set

SHORTEST, LONGEST = 2, 40

SPOKEN = re.compile(
    r"^(?:你好|您好|hi|hello)?[\s,。!]*(?:我叫|我是|叫我|我的名字[是叫]|本人|my name is|i am|i'm)\s*", re.I
)
WRITTEN = re.compile(r"^(?:姓名|名字|称呼|name)\s*[:是]\s*", re.I)
INTRODUCED = re.compile(
    r"(?:我叫|我的名字[是叫]|姓名\s*[:是]|my name is|name\s*:)\s*([^\s,。;、!\d][^,。;、!\d\n]*)", re.I
)
END = re.compile(r"[,。;!\n]|\s(?:and|my)\s", re.I)

COMPOUND_SURNAMES = word_set(
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 司徒 皇甫 尉迟 尉遲 公孙 公孫 慕容 令狐 宇文 长孙 長孫 夏侯 东方 東方"
)
TITLES = word_set(
    "董事长 总经理 總經理 经理 經理 老师 老師 先生 女士 小姐 太太 主任 局长 局長 厂长 廠長 老板 老闆 "
    "师傅 師傅 医生 醫生 大夫 教授 博士 院长 院長 校长 校長 书记 書記 县长 縣長 处长 處長 科长 科長 "
    "会计 會計 工程师 工程師 律师 律師 同志 总裁 總裁"
)
SHORT_TITLES = "总總工董局处處哥姐叔姨嫂爷爺婶嬸伯"
NICKNAME = re.compile(r"^[老小阿大][\u3400-\u9fff]$")
LATIN_TITLE = re.compile(r"^(?:mr|mrs|ms|miss|dr|prof|professor|sir|madam)\.?\s+", re.I)
NOT_A_NAME = word_set(
    "不想说 匿名 保密 不告诉你 随便 不知道 没有 好的 可以 你好 您好 谢谢 知道了 不用 不要 "
    "anonymous none hello thanks yes no ok"
)
NO_ANSWER = re.compile(r"^(?:不|没|嗯|哦|啊|(.)\1{2,8}$)")  # "不知道呀", "哈哈哈"
CHATTER = re.compile(r"^[我你您请請想要这這那能会會].{4,}")


@dataclass(frozen=True)
class Name(Question[str]):
    """A full name, without titles and without what else was said in the same breath.

    `others`: somebody else's, so never found in what a person says of themselves.
    """

    others: bool = False

    def read(self, text: str) -> str | Problem:
        return read_name(text)

    def find(self, text: str) -> str | None:
        introduced = None if self.others else INTRODUCED.search(normal(text))
        name = read_name(introduced[1]) if introduced else None
        return name if isinstance(name, str) else None


FIRM = re.compile(
    r"[\u3400-\u9fffA-Za-z0-9()·]{2,40}?(?:有限公司|公司|工厂|厂|合作社|集团|农场|商行|店|ltd|inc|llc|gmbh)", re.I
)
OF_A_FIRM = re.compile(
    r"(?:我们?是|我在|企业是|公司是|企业叫|公司叫|名称是?)[:]?([^,。;!]{2,40}?(?:公司|厂|合作社|集团|农场|店))"
)
BEFORE_FIRM = re.compile(r"^(?:我们?是|我在|我们?的?|是|在|企业名称|名称|公司名|叫)+[:是]?")


@dataclass(frozen=True)
class FirmName(Question[str]):
    """What a firm is called, without what else was said in the same breath."""

    free_text: ClassVar[bool] = True

    def read(self, text: str) -> str | Problem:
        words = normal(text)
        firms = {BEFORE_FIRM.sub("", firm) for firm in FIRM.findall(words)}
        if len(firms) == 1:
            return firms.pop()
        if looks_like_question(words) or INTRODUCED.search(words) or without_contacts(words) != words.strip(" ,"):
            return Problem("problem.firm.unclear")
        return words if 2 <= len(words) <= 80 else Problem("problem.firm.unclear")

    def find(self, text: str) -> str | None:
        # "注册公司" is something to do, "我是望川模具厂的" is who speaks.
        words = normal(text)
        found = {firm for said in OF_A_FIRM.finditer(words) if isinstance(firm := self.read(said[1]), str)}
        return found.pop() if len(found) == 1 else None


def read_name(text: str) -> str | Problem:
    """Give the full name in a person's words, or what to ask for instead.

    "王总" and "老李" are forms of address, not names; "姓名:李工" insists that it is one.
    """
    words = without_contacts(text)
    insists = bool(WRITTEN.match(words))
    introduced = bool(SPOKEN.match(words))
    words = WRITTEN.sub("", SPOKEN.sub("", words))
    words = END.split(words.strip(" ,。;:"), maxsplit=1)[0].strip(" .。!:")
    words = re.sub(r"[•・‧∙⋅᛫]", "·", " ".join(words.split()))
    if not words or words.casefold() in NOT_A_NAME:
        return Problem("problem.name.missing")
    if NO_ANSWER.match(words):
        return Problem("problem.name.not_a_name")
    if looks_like_question(text) or (CHATTER.match(words) and not (insists or introduced)):
        return Problem("problem.name.not_a_name")
    if not insists:
        named = _without_title(words)
        if named is None:
            return Problem("problem.name.title", {"given": words[:LONGEST]})
        words = named
    if not all(_may_stand_in_a_name(character) for character in words):
        return Problem("problem.name.characters")
    if not SHORTEST <= len(words) <= LONGEST or not any(character.isalpha() for character in words):
        return Problem("problem.name.length", {"shortest": SHORTEST, "longest": LONGEST})
    return words


def _without_title(words: str) -> str | None:
    """Give the name without its title, or None when only a surname and a title are there."""
    if LATIN_TITLE.match(words):
        rest = LATIN_TITLE.sub("", words)
        return rest if " " in rest else None
    if NICKNAME.match(words) and words[0] in "老阿":
        return None
    for title in sorted(TITLES, key=len, reverse=True):
        if words.endswith(title) and words != title:
            rest = words.removesuffix(title).strip()
            return None if len(rest) < 2 or rest in COMPOUND_SURNAMES else rest
        if words == title:
            return None
    surname = words[:-1]
    if words[-1] in SHORT_TITLES and (len(surname) == 1 or surname in COMPOUND_SURNAMES):
        return None
    return words


def _may_stand_in_a_name(character: str) -> bool:
    return character in " ·'’-.〇" or unicodedata.category(character)[0] in "LM"
