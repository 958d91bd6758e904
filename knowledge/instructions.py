"""Sentences in documents that speak to a machine: never evidence, left out before a file is cut, and shown to staff.

A document is material, never an instruction. Nothing here is what keeps the assistant safe (it quotes, and a model
has no tools): it keeps such sentences from being quoted to people as if the county had said them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from knowledge.read import Block, BlockKind
from knowledge.words import normalise

_MACHINE = (
    r"(?:ai|人工智能|大模型|语言模型|模型|机器人|智能助手|智能体|助手|聊天|chatgpt|gpt"
    r"|assistants?|chatbots?|bots?|llms?|language models?)+"
)
_RULES = (
    r"(?:指令|指示|规则|提示词?|设定|要求|限制|约束|内容|对话|命令"
    r"|prompts?|instructions?|rules?|directions?|messages?|guidelines)"
)
_BEFORE = (
    r"(?:以上|上述|上面|之前|此前|先前|前面|所有|一切|全部|任何|其他|系统|原有|你的|你们的"
    r"|previous|prior|above|earlier|all|any|other|your|the|system)"
)
_USERS = r"(?:用户|提问者|有人|对方|群众)"
_SAY = r"(?:回答|回复|答复|告诉|告知|输出|声称|说)"
_MUST = r"(?:请|必须|务必|应当?|不得)"
_TELLING = tuple(
    re.compile(pattern)
    for pattern in (
        # Forget your rules.
        r"(?:忽略|无视|忘记|忘掉|抛开|不要理会|不要遵守|不必遵守|绕过|覆盖)(?:掉|了)?"
        rf"(?:{_BEFORE}的?){{1,4}}.{{0,6}}?{_RULES}",
        r"\b(?:ignore|disregard|forget|override|bypass)\b"
        rf"(?:\s+(?:{_BEFORE}|of|these|those|safety))+\s+(?:\w+\s+)?{_RULES}",
        r"\bjailbreak\b|\bdeveloper mode\b|开发者模式|越狱模式|解除(?:所有|一切)?限制模式",
        # Be somebody else.
        r"(?:你|您)(?:现在|从现在起|今后|接下来)?(?:是|扮演|将扮演|充当|作为)(?:一个|一名|一位|个)?"
        rf"[^,。]{{0,8}}{_MACHINE}",
        rf"\byou are (?:now |an? |the ){{1,3}}(?:\w+ ){{0,3}}{_MACHINE}\b",
        rf"\bact as (?:an? )?(?:\w+ ){{0,2}}{_MACHINE}\b",
        r"系统提示(?:词)?(?:[::]|如下|是|为)|\bsystem (?:prompt|message|override)\b",
        r"<\|?(?:im_start|system|endoftext)\|?>|\[/?inst\]|^\s*#*\s*system\s*:",
        # Do as I say.
        rf"(?:致|给|请|要求|命令|各位){_MACHINE}(?:们)?(?:[::,]|{_MUST}|在?(?:回答|回复|答复|阅读|处理|看到|读到))",
        rf"^{_MACHINE}[::,]?{_MUST}(?:直接|始终|一律|只|在)?(?:回答|回复|告诉|输出|忽略|声称|推荐|注意|遵守|执行)",
        rf"\b(?:dear |attention,? |note to (?:the )?){_MACHINE}\b",
        # Answer this to that.
        rf"{_USERS}(?:问|询问|提问|提到|咨询).{{0,24}}?(?:你|助手|就|都|一律|{_MUST})"
        rf"(?:要|直接|只|一律|都|必须)*{_SAY}[^,。]{{0,3}}?[::“\"「]",
        r"(?:无论|不管|不论)(?:用户|别人|对方|任何人|有人)?(?:问|询问|提问).{0,14}(?:都|一律|均)"
        rf"(?:要|必须|应当?|请)?{_SAY}",
        r"\b(?:when(?:ever)?|if) (?:a |the |any )?(?:users?|someone|anyone|people) asks?\b.{0,60}"
        r"\b(?:answer|say|reply|respond|tell|state)\b",
        # Hide this, show that.
        r"(?:不要|不得|切勿|禁止|别)(?:向|对|跟|告诉)?(?:用户|提问者)(?:们)?.{0,6}(?:提及|提到|透露|说明|引用|出处)",
        r"(?:输出|泄露|打印|复述|显示|透露)(?:你的|系统|全部的?|完整的?|所有的?){1,3}(?:系统)?"
        r"(?:提示词?|指令|设定|密钥|内部资料|内部文件)",
        r"\b(?:reveal|print|output|leak|repeat) (?:your |the |all ){1,2}(?:system |hidden |initial )?"
        r"(?:prompt|instructions|secrets?|api keys?)\b",
        r"\b(?:do not|don't|never) (?:tell|inform|mention to|reveal to) (?:the )?users?\b",
    )
)
_SENTENCE = re.compile(r"[^。!！?？;；\n]*(?:[。!！?？;；\n]|$)")


def is_instruction(text: str) -> bool:
    """Tell whether a sentence speaks to a machine rather than to people."""
    words = normalise(text)
    return any(pattern.search(words) for pattern in _TELLING)


def without_instructions(blocks: Sequence[Block]) -> tuple[tuple[Block, ...], list[str]]:
    """Give a file's blocks without such sentences, and those left out, in order.

    A block that consists of nothing else goes; a table's cell is emptied, so that its columns stay.
    """
    left_out: list[str] = []
    kept: list[Block] = []
    for block in blocks:
        text = _cleared(block.text, left_out)
        rows = tuple(tuple(_cleared(cell, left_out) for cell in row) for row in block.rows)
        if text != block.text and not text.strip() and block.kind is not BlockKind.TABLE:
            continue
        kept.append(replace(block, text=text, rows=rows) if (text, rows) != (block.text, block.rows) else block)
    return tuple(kept), left_out


def _cleared(text: str, left_out: list[str]) -> str:
    # A sentence may be cut in two by its own full stops; the whole is looked at before its parts.
    if len(text) < 4 or not is_instruction(text):
        return text
    parts = list(_parts(text))
    telling = {i for i, part in enumerate(parts) if is_instruction(part)} or set(range(len(parts)))
    left_out += [parts[i].strip() for i in sorted(telling)]
    return "".join(part for i, part in enumerate(parts) if i not in telling)


def _parts(text: str) -> Iterator[str]:
    yield from (found.group() for found in _SENTENCE.finditer(text) if found.group())
