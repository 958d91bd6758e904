"""What a booking is about, how one meets and whom: the choices there are, and the words people say for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from handlers.choices import Choice
from handlers.texts import Texts
from knowledge.words import normalise
from storage.slots import Host, Mode, Rule, Terms, suits

TOPIC_WORDS = {
    "land": "土地 用地 厂房 房租 租金 看地 宅基地 园区 流转 land factory premises plant rent",
    "funds": "补贴 奖补 补助 奖励 扶持资金 专项资金 兑现 grant grants subsidy subsidies reward",
    "tax": "税 税务 税收 个税 发票 tax taxes",
    "loan": "贷款 贴息 融资 信贷 借款 利息 loan loans interest credit",
    "school": "上学 入学 转学 念书 读书 学校 教育 幼儿园 school schooling education",
    "medical": "医疗 看病 医保 就医 养老 医院 medical hospital doctor elderly health",
    "housing": "住房 房子 购房 买房 安家 人才公寓 housing flat apartment",
    "startup": "创业 开店 办厂 开厂 注册公司 营业执照 民宿 投资 startup start-up business company invest",
    "expert": "专家 人才 技术 假日工程师 工程师 特聘 引才 expert experts engineer talent skills",
    "other": "",
}
TOPICS = tuple(TOPIC_WORDS)
MODE_WORDS = {
    Mode.SITE.value: "现场 当面 见面 面谈 见你们 面对面 办公室 到县 去县 去你们 去看 "
    "in_person on_site face_to_face your_office visit_you meet_you",
    # "电话" alone may be part of a number that somebody gives.
    Mode.PHONE.value: "约电话 个电话 安排电话 电话咨询 电话聊 电话沟通 打电话 通电话 通话 phone_call by_phone call_me",
    Mode.VIDEO.value: "视频 视讯 线上 网上 腾讯会议 video online zoom",
}
IF_ASKED = {
    "other": "其他 其它 别的 other something_else anything_else",
    Mode.SITE.value: "来 去 过去 office visit site",
    Mode.PHONE.value: "电话 语音 phone telephone call",
}
ANYBODY = "any"


@dataclass(frozen=True)
class Named(Choice):
    """A choice whose labels come from elsewhere: `names` gives them by id and language."""

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def label(self, choice: str, language: str) -> str | None:
        return self.names.get(choice, {}).get(language)


def topics(texts: Texts, hosts: Sequence[Host], rules: Sequence[Rule]) -> Named:
    """Give the topics that somebody takes bookings for."""
    ids = [topic for topic in TOPICS if any(_suits(host, rules, topic, None) for host in hosts)]
    return _named(texts, "topic", ids, TOPIC_WORDS)


def modes(texts: Texts, hosts: Sequence[Host], rules: Sequence[Rule], topic: str) -> Named:
    """Give the ways one can meet about a topic."""
    ids = [mode.value for mode in Mode if any(_suits(host, rules, topic, mode.value) for host in hosts)]
    return _named(texts, "mode", ids, MODE_WORDS)


def people(hosts: Sequence[Host], anybody: Mapping[str, str]) -> Named:
    """Give whom one can meet: the first with time, or somebody in particular."""
    names = {host.id: {"zh-Hans": host.name, "en": host.name_en or host.name} for host in hosts}
    words = {identity: "_".join(spoken["zh-Hans"].split()) for identity, spoken in names.items()}
    return Named(
        (ANYBODY, *names),
        {ANYBODY: "谁都行 都可以 任何 随便 anybody anyone any", **words},
        names={ANYBODY: anybody, **names},
    )


def host_in(words: str, hosts: Sequence[Host]) -> str | None:
    """Give the one host whom words name; None for none or several."""
    said = normalise(words)
    named = [host for host in hosts if any(normalise(name) in said for name in (host.name, host.name_en) if name)]
    return named[0].id if len(named) == 1 else None


def takes(hosts: Sequence[Host], rules: Sequence[Rule], topic: str, mode: str) -> list[Host]:
    """Give the hosts one can meet about a topic in a way."""
    return [host for host in hosts if _suits(host, rules, topic, mode)]


def _suits(host: Host, rules: Sequence[Rule], topic: str, mode: str | None) -> bool:
    terms = [rule.terms for rule in rules if rule.host_id == host.id] or [Terms()]
    return any(suits(host, one, topic, mode) for one in terms)


def _named(texts: Texts, group: str, ids: Sequence[str], words: Mapping[str, str]) -> Named:
    names = {one: {language: texts(f"booking.{group}.{one}", language) for language in texts.languages} for one in ids}
    said = {one: words[one] for one in ids}
    return Named(tuple(ids), said, if_asked=IF_ASKED, findable=True, names=names)
