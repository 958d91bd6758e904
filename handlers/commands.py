"""Commands: written with a slash, or as a word of their own in either language."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from handlers.questions import bare, tidy

WORDS: Mapping[str, str] = {
    "帮助": "help",
    "菜单": "help",
    "help": "help",
    "隐私": "privacy",
    "隐私说明": "privacy",
    "privacy": "privacy",
    "语言": "language",
    "language": "language",
    "我的资料": "mydata",
    "我的信息": "mydata",
    "撤回同意": "withdraw",
    "撤回我的同意": "withdraw",
    "withdraw consent": "withdraw",
    "withdraw my consent": "withdraw",
    "登记": "register",
    "我想登记": "register",
    "我要登记": "register",
    "register": "register",
    "推荐老乡": "refer",
    "邀请老乡": "refer",
    "转给别的老乡": "refer",
    "重填": "anew",
    "重新填": "anew",
    "从头填": "anew",
    "start over": "anew",
    "修改": "edit",
    "我要修改": "edit",
    "改一下": "edit",
    "edit": "edit",
    "取消": "cancel",
    "退出": "cancel",
    "cancel": "cancel",
    "返回": "back",
    "上一步": "back",
    "返回上一步": "back",
    "back": "back",
    "go back": "back",
    "预约": "book",
    "预约咨询": "book",
    "我要预约": "book",
    "我想预约": "book",
    "book": "book",
    "我的预约": "bookings",
    "查看预约": "bookings",
    "my bookings": "bookings",
    "my appointments": "bookings",
    "活动": "events",
    "有什么活动": "events",
    "近期活动": "events",
    "events": "events",
    "订阅": "topics",
    "我的订阅": "topics",
    "退订": "topics",
    "取消订阅": "topics",
    "td": "topics",
    "subscriptions": "topics",
    "subscribe": "topics",
    "unsubscribe": "topics",
    "what i hear of": "topics",
    "人工": "person",
    "转人工": "person",
    "找人工": "person",
    "人工服务": "person",
    "human": "person",
    "talk to a person": "person",
}


def read_command(text: str) -> tuple[str, str] | None:
    """Give the command and its argument for "/start payload", "/help@bot", or a command's word said alone."""
    words = unicodedata.normalize("NFKC", tidy(text))
    if words.startswith("/") and len(words) > 1:
        name, _, argument = words[1:].partition(" ")
        return name.split("@")[0].casefold(), argument.strip()
    plain = bare(words)
    if plain in WORDS:
        return WORDS[plain], ""
    return None
