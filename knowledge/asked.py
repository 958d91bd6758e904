"""What a question is about, worked out once: its words with their weight, its matters, what it is after."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib import resources

from knowledge.aims import Aim, aims_of
from knowledge.amounts import Unit, quantities_in
from knowledge.synonyms import Synonyms, is_english
from knowledge.words import lexicon_words, normalise, part_of_speech, rarity, words_of

# What a word weighs that narrows a question to a group or a thing: nearly as much as the rarest.
QUALIFIER = 3.0
RAREST = 4.0
# What files hold of every county says little, wherever it stands.
COMMONPLACE = 0.4
# What a synonym is worth beside the word itself, and how much it must say itself to be worth that.
SYNONYM, TELLING = 0.85, 1.2
# An English word the list does not know.
FOREIGN = 1.0
# An earlier turn's words, for a question that leans on it.
EARLIER = 0.4

_NUMBER = re.compile(r"[\d.,%]+[a-z]*|[一二两三四五六七八九十百千万亿多几来余]+[万千百亿块元岁个年月天平]*")
_CLASS = re.compile(r"(?<![a-z])([a-h])\s*类?(?![a-z])")
_EACH = re.compile(
    r"(?:每|一|1|按)\s*(亩|间|张床|床|件|单|吨|立方|平方米|平米|平|人|天|小时|趟|次|户|头|只|台|度电|晚)"
)
_ASKS_SUM = re.compile(r"多少|几块|几万|几千|几个点|几成|多大比例|how much")
_ASKS_NEWS = re.compile(r"哪几家|哪些企业|哪家|多少人|几个人|名单|中标|已经|多少家|谁拿|排名|哪个酒店|哪位")
_MONEY = re.compile(r"补|奖|贴|给|报销|多少|费|钱|优惠|政策|待遇")


class Sort(StrEnum):
    """What a word does in a question."""

    WORD = "word"
    COMMONPLACE = "commonplace"  # stands in every county file
    QUALIFIER = "qualifier"  # narrows the question to a group or thing
    NUMBER = "number"  # the person's own amounts and years need not stand in a rule
    SINGLE = "single"  # one character
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question: how much it says, and what files call it."""

    text: str
    weight: float
    filed: tuple[str, ...] = ()
    sort: Sort = Sort.WORD

    def share_in(self, text: str) -> float:
        """Tell how far a normalised text says it: itself, by what files call it, or by pairs of its characters."""
        if self.text in text:
            return 1.0
        best = max((worth for other, worth in _worths(self.filed) if other in text), default=0.0)
        if best >= SYNONYM or len(self.text) < 3 or self.text.isascii():
            return best
        covered = [0.5 if character in text else 0.0 for character in self.text]
        for i in range(len(self.text) - 1):
            if self.text[i : i + 2] in text:
                covered[i] = covered[i + 1] = 1.0
        # Squared: "服务卡" is not half said where there is only "服务".
        return max(best, 0.9 * (sum(covered) / len(self.text)) ** 2) if 1.0 in covered else best

    @property
    def filed_commonly(self) -> bool:
        """Tell whether all that files call it stands in every county file (补贴, 奖励, 标准)."""
        return all(other in lexicon_words("commonplaces.txt") for other in self.filed)

    @property
    def is_noun(self) -> bool:
        return self.sort is not Sort.COMMONPLACE and part_of_speech(self.text)[:1] == "n"

    @property
    def is_name(self) -> bool:
        """Tell a word that names something rather than saying what is done."""
        return part_of_speech(self.text)[:1] in ("n", "?") or len(self.text) >= 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as understood. `plain` is normalised; `each` is the unit asked for ("一亩多少" → "亩")."""

    plain: str
    words: tuple[Word, ...]
    aims: tuple[Aim, ...]
    matters: frozenset[str]
    classes: frozenset[str]
    units: frozenset[Unit]
    each: str
    asks_sum: bool
    asks_news: bool

    @property
    def weight(self) -> float:
        return sum(word.weight for word in self.words) or 1.0

    @property
    def is_vague(self) -> bool:
        """Tell a question that names nothing in particular ("回去有什么优惠政策")."""
        saying = (Sort.WORD, Sort.QUALIFIER, Sort.FOREIGN)
        telling = any(word.sort in saying or not word.filed_commonly for word in self.words)
        return not telling and self.matters <= {"talent_class"}

    def is_about_money(self, word: Word) -> bool:
        """Tell whether a word stands right beside what is given or paid: "猕猴桃补贴", not "在深圳上班"."""
        at = self.plain.find(word.text)
        around = self.plain[max(0, at - 5) : at + len(word.text) + 6] if at >= 0 else ""
        return bool(_MONEY.search(around.replace(word.text, "")))


def understand(question: str, synonyms: Synonyms, history: Sequence[str] = ()) -> Asked:
    """Work out what a question is about; `history` holds earlier turns it leans on."""
    plain = normalise(question)
    words = {word.text: word for word in _words(plain, synonyms)}
    aims, matters = aims_of(question), matters_asked(plain)
    for earlier in history:
        for word in _words(normalise(earlier), synonyms):
            words.setdefault(word.text, Word(word.text, word.weight * EARLIER, word.filed, word.sort))
        aims = aims or aims_of(earlier)
        matters = matters or matters_asked(normalise(earlier))
    each = _EACH.search(plain)
    return Asked(
        plain=plain,
        words=tuple(words.values()),
        aims=aims,
        matters=matters,
        classes=frozenset(_CLASS.findall(plain)) if "类" in plain else frozenset(),
        units=frozenset(quantity.unit for quantity in quantities_in(question)),
        each=each[1][-1] if each else "",
        asks_sum=bool(_ASKS_SUM.search(plain)),
        asks_news=bool(_ASKS_NEWS.search(plain)),
    )


@functools.lru_cache(maxsize=5_000)
def matters_asked(plain: str) -> frozenset[str]:
    """Give the matters of lexicon/matters.toml that a normalised question speaks of."""
    return frozenset(name for name, asked, _ in _matters() if asked.search(plain))


def matters_given(plain: str, among: frozenset[str] | None = None) -> frozenset[str]:
    """Give the matters that a normalised clause speaks of, of all or of some."""
    return frozenset(name for name, _, given in _matters() if (among is None or name in among) and given.search(plain))


@functools.lru_cache(maxsize=5_000)
def _worths(filed: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    return tuple((other, SYNONYM * min(1.0, rarity(other) / TELLING)) for other in filed)


def _words(plain: str, synonyms: Synonyms) -> list[Word]:
    if is_english(plain):
        known, unknown = synonyms.translate(plain)
        found = [Word(word, min(RAREST, rarity(word))) for word in known]
        return found + [Word(word, FOREIGN, (), Sort.FOREIGN) for word in unknown]
    expanded = synonyms.expand(plain)
    found = []
    for text in dict.fromkeys(words_of(plain)):
        filed = tuple(
            dict.fromkeys(
                other for said, others in expanded.items() if text in said or said in text for other in others
            )
        )
        found.append(_word(text, filed))
    # What the list knows across the borders of words ("一个厂子封顶").
    for said, others in expanded.items():
        if not any(word.text in said or said in word.text for word in found):
            phrase = Word(said, 1.0, tuple(others))
            found.append(replace(phrase, sort=Sort.COMMONPLACE) if phrase.filed_commonly else phrase)
    return found


def _word(text: str, filed: tuple[str, ...]) -> Word:
    if _NUMBER.fullmatch(text):
        return Word(text, 0.0, filed, Sort.NUMBER)
    if len(text) == 1:
        return Word(text, 1.0 if filed else 0.4, filed, Sort.SINGLE)
    if text in lexicon_words("qualifiers.txt"):
        return Word(text, QUALIFIER, filed, Sort.QUALIFIER)
    weight = min(RAREST, rarity(text))
    if text in lexicon_words("commonplaces.txt"):
        return Word(text, weight * COMMONPLACE, filed, Sort.COMMONPLACE)
    return Word(text, weight, filed)


@functools.cache
def _matters() -> tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]:
    source = resources.files("knowledge").joinpath("lexicon/matters.toml").read_text("utf-8")
    return tuple(
        (name, re.compile(matter["asked"]), re.compile(matter["given"]))
        for name, matter in tomllib.loads(source)["matter"].items()
    )
