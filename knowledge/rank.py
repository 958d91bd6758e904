"""Whose word counts more: the rank of who issued a document, and of what kind of text it is."""

from __future__ import annotations

import re
from enum import IntEnum

from knowledge.documents import Document


class Rank(IntEnum):
    """The ranks of issuers, lowest first."""

    UNKNOWN = 0
    TOWNSHIP = 1
    DEPARTMENT = 2
    OFFICE = 3  # 县政府办公室, 县委办公室: speaks for the county, on its approval
    COUNTY = 4
    HIGHER = 5  # city, province, state


_ISSUERS: tuple[tuple[Rank, str], ...] = (
    (Rank.HIGHER, r"^(?:中共中央|国务院|国家|中华人民共和国)|省|自治区"),
    (Rank.TOWNSHIP, r"[乡镇](?:人民)?政府|街道|[\u4e00-\u9fff]{1,6}[乡镇](?:党委|党政办)|村(?:民)?委"),
    (Rank.OFFICE, r"政府办公室|县委办公室|[县市区旗]委办(?:公室)?$|政府办$"),
    (Rank.COUNTY, r"[县市区旗](?:人民)?政府(?!办)|[县市区旗]委(?:员会)?(?:$|[、 ])|人民代表大会|人大常委会"),
    (Rank.DEPARTMENT, r"局|委员会|中心|专班|办公室|部|院|会|行|所|站|队|办$"),
)
_NUMBERS: tuple[tuple[Rank, str], ...] = (
    (Rank.HIGHER, r"^国|^省|^[^〔]省"),
    (Rank.OFFICE, r"^.?(?:政办|委办|府办)"),
    (Rank.COUNTY, r"^.{1,2}(?:政|委|府)(?:发|函|字|规)"),
    (Rank.DEPARTMENT, r"〔"),
)

# Official text before its explanation, that before questions and answers, those before leaflets, speeches and news.
_TEXT = {"interpretation": 3, "faq": 2, "leaflet": 1, "news": 1}
OFFICIAL = 4


def issuer_rank(document: Document) -> Rank:
    """Rank a document's issuer by its name, else by the letters of the document number."""
    if document.issuer:
        for rank, pattern in _ISSUERS:
            if re.search(pattern, document.issuer):
                return rank
    if document.doc_no:
        return next((rank for rank, pattern in _NUMBERS if re.search(pattern, document.doc_no)), Rank.UNKNOWN)
    return Rank.UNKNOWN


def authority(document: Document) -> tuple[int, Rank]:
    """Give what orders two documents that disagree: official text first, then the issuer's rank."""
    return _TEXT.get(document.kind, OFFICIAL), issuer_rank(document)


def may_end(source: Document, target: Document) -> bool:
    """Tell whether a document can end another.

    An office or bureau may end the county's files, on its approval; a township may end only a township's.
    """
    (text, rank), (_, other) = authority(source), authority(target)
    return text == OFFICIAL and not (rank is Rank.TOWNSHIP and other > Rank.TOWNSHIP)
