"""Tell whether the evidence found is about what was asked: a county that answers beside the question misleads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.search import Hit, row_text
from knowledge.synonyms import Synonyms, is_english
from knowledge.words import normalise, rarity, words_of

_NUMBER = re.compile(r"[\d.,%]+[a-z]*|[一二两三四五六七八九十百千万]+")

# Words so common in a county's files that they alone make nothing an answer.
GENERIC = frozenset(
    "政策 补贴 补助 奖补 奖励 支持 扶持 优惠 好处 钱 津贴 资金 金额 最高 标准 条件 规定 文件 办法 措施 "  # noqa: SIM905
    "县 县里 我县 咱县 全县 家乡 老家 故乡 老乡 在外老乡 乡亲 返乡 回乡 回去 回来 回家 地方 政府 部门 单位 "
    "项目 企业 投资 创业 办厂 发展 建设 申请 申报 办理 享受 提供 给予 帮助 情况 问题 人 人员 事 东西 时候 时间 "
    "每年 一年 年 万元 元 万".split()
)


# What a question is about: (word, how much it says, what files call it).
Words = Sequence[tuple[str, float, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Grounding:
    """How far the evidence speaks of the question: 0 (not at all) to 1, and the word it misses most."""

    share: float
    missing: str = ""
    missing_weight: float = 0.0


def content_words(question: str, synonyms: Synonyms) -> Words:
    """Give the words a question is about: (word, how much it says, what files call it)."""
    if is_english(question):
        words, unknown = synonyms.translate(question)
        return [(word, rarity(word), ()) for word in words] + [(word, 2.5, ()) for word in unknown]
    plain = normalise(question)
    expanded = synonyms.expand(plain)
    found: dict[str, tuple[str, float, tuple[str, ...]]] = {}
    for word in words_of(plain):
        filed = [other for said, others in expanded.items() if word in said or said in word for other in others]
        found[word] = (word, _weight(word, spoken=bool(filed)), tuple(filed))
    return list(found.values())


def ground(words: Words, hits: Sequence[Hit]) -> Grounding:
    """Measure how much of what the question says is said by the evidence.

    A word counts as said when it, or what files call it, stands in the clause, its path or the
    document's title; a compound counts by its parts.
    """
    text = normalise("\n".join(_spoken(hit) for hit in hits))
    whole = said = 0.0
    missing, most = "", 0.0
    for word, weight, filed in words:
        share = _share(word, filed, text)
        whole += weight
        said += weight * share
        if weight * (1 - share) > most:
            missing, most = word, weight * (1 - share)
    return Grounding(said / whole if whole else 0.0, missing, most)


def is_vague(words: Words) -> bool:
    """Tell a question that names nothing in particular ("回去有什么优惠政策")."""
    return all(word in GENERIC or weight < 0.5 for word, weight, _ in words)


def _spoken(hit: Hit) -> str:
    clause = hit.clause
    rows = [row_text(clause.rows[0], row) for row in clause.rows[1:]]
    return "\n".join((hit.document.title, *clause.path, clause.text, *rows))


def _weight(word: str, *, spoken: bool) -> float:
    if _NUMBER.fullmatch(word):
        # The person's own amounts and years need not stand in a rule that speaks of bands.
        return 0.3
    if len(word) == 1:
        return 1.0 if spoken else 0.4
    return rarity(word) * (0.4 if word in GENERIC else 1.0)


def _share(word: str, filed: Sequence[str], text: str) -> float:
    if word in text:
        return 1.0
    if any(other in text for other in filed):
        return 0.9
    if word.isascii() or len(word) < 3:
        return 0.0
    # A compound counts by the pairs of its characters that stand in the text, a lone one for half.
    covered = [0.5 if character in text else 0.0 for character in word]
    for i in range(len(word) - 1):
        if word[i : i + 2] in text:
            covered[i] = covered[i + 1] = 1.0
    return 0.9 * sum(covered) / len(word) if 1.0 in covered else 0.0
