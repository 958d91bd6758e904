"""Telling in which encoding a Chinese text was written, where it does not say so itself."""

from __future__ import annotations

import codecs
import re

from knowledge.read import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSES = ("gb18030", "big5hkscs", "utf-16-le", "utf-16-be")
# Control characters no text has; form feeds and the like are harmless.
_NO_TEXT = re.compile(r"[\x00-\x06\x0e-\x1a\x7f\ufffe\uffff]")
# The commonest characters of either script, and those of official files: what is decoded wrongly has few of them.
_COMMON = re.compile(
    r"[\n\r\t -~、。，；：？！“”《》（）〔〕\u3000"
    r"的一是不了在人有我他這個个們们中來来上大为為和国國地到以說说時时要就出会會可也你对對生能而子得于於下自之年过過发發后後作里用道行所"
    r"然家种事成方多经經法学學如都同现現当當没动動面起看定天分还進进好小部其些主样理心本前开開但因只从從想实實第条條县縣市政府办辦规規定"
    r"项項补補贴貼企业業元月日号號関关係通知应應按照申请請单單位局乡鄉镇鎮村民资資金标標准準给給予者或及与與至由被向每高可用户戶支持服务務"
    r"管理]"
)
_ENOUGH = 0.3
_SAMPLE = 20_000


def decode(data: bytes, declared: str = "") -> str:
    """Decode text: by its BOM, as declared, as UTF-8, or by what reads most like Chinese. Raises Unreadable."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            text = _decoded(data, name)
            return _refuse() if text is None else text
    for name in filter(None, (declared, "utf-8")):
        text = _decoded(data, name)
        if text is not None:
            return text
    best, best_share = None, -1.0
    for name in _GUESSES:
        text = _decoded(data, name)
        if text is None:
            continue
        sample = text[:_SAMPLE]
        share = len(_COMMON.findall(sample)) / max(1, len(sample))
        # What isn't GB18030 has to prove it: odd names and tables have few common characters too.
        if share > best_share and (name == "gb18030" or share >= max(_ENOUGH, best_share + 0.1)):
            best, best_share = text, share
    return _refuse() if best is None else best


def _decoded(data: bytes, name: str) -> str | None:
    try:
        text = data.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None
    return None if _NO_TEXT.search(text) else text.replace("\r\n", "\n").replace("\r", "\n")


def _refuse() -> str:
    raise Unreadable("broken", "neither UTF-8, GB18030 nor Big5 text; open it in an editor and save it as UTF-8")
