"""Words written as they sound: "贴西" where the files say 贴息. Input methods and voice make such slips every day."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable

from knowledge.words import commonness, cut_words, lexicon_words, normalise

_HAN = re.compile(r"[\u4e00-\u9fff]{2,4}")
# What southern speakers and hasty fingers do not tell apart.
_ALIKE = ((re.compile(r"^([zcs])h"), r"\1"), (re.compile(r"([aei]n)g$"), r"\1"))
_LONGEST = 4
# A word that jieba's corpus counts more often than this was meant as it stands.
RARE = 20


class Homophones:
    """The words of a county's files by their sound, to respell what a question writes otherwise."""

    def __init__(self, counted: Iterable[tuple[str, int]]) -> None:
        """Take words with how many passages hold them; of words that sound alike the commonest is meant."""
        self._by_sound: dict[tuple[str, ...], str] = {}
        for word, _ in sorted(counted, key=lambda entry: entry[1]):
            if _HAN.fullmatch(word) and commonness(word):
                self._by_sound[_sound(word)] = word

    def respell(self, question: str, is_known: Callable[[str], bool]) -> str:
        """Put the files' words in place of those that no file holds and that sound like one it does.

        Only whole words are replaced, or neighbours that no dictionary joins, so that a question
        which is spelt right stays as it is (normalised).
        """
        parts = cut_words(normalise(question))
        found: list[str] = []
        at = 0
        while at < len(parts):
            taken, word = self._at(parts, at, is_known)
            found.append(word)
            at += taken
        return "".join(found)

    def _at(self, parts: list[str], at: int, is_known: Callable[[str], bool]) -> tuple[int, str]:
        """Give how many parts are replaced at a place, and by what; the longest slip first."""
        for count in (3, 2, 1):
            some = parts[at : at + count]
            said = "".join(some)
            if len(some) < count or not _HAN.fullmatch(said) or len(said) > _LONGEST or is_known(said):
                continue
            # A slip leaves single characters behind, or makes a word that is hardly ever used.
            if not any(len(part) == 1 for part in some) and commonness(said) > RARE:
                continue
            if any(part in lexicon_words("question_words.txt") for part in some):
                continue
            meant = self._by_sound.get(_sound(said))
            if meant is not None and meant != said:
                return count, meant
        return 1, parts[at]


@functools.lru_cache(maxsize=50_000)
def _sound(word: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin

    found = []
    for syllable in lazy_pinyin(word):
        for pattern, kept in _ALIKE:
            syllable = pattern.sub(kept, syllable)
        found.append(syllable)
    return tuple(found)
