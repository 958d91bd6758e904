"""What must not stay unread beside a spoken time, so that nothing that could change it is passed over.

Words that rule a time out or repeat it; words that look like part of one; and, right beside what was read, whatever is
not known to be harmless: a slip of the keyboard ("下五三点"), a word nobody has listed ("三点多").
"""

from __future__ import annotations

import re

from handlers.spoken_day_words import TAKEN


def _any_of(listed: str) -> str:
    return "|".join(listed.split())


# What rules a time out, makes it one of several or one that comes again and again.
# "周二十点" is Tuesday at ten, or eight in the evening of some day of that week.
TWO_CUTS = r"[周期拜]二十[一二三四]?[点时]"
DENIED = re.compile(
    rf"{TWO_CUTS}|"
    r"不|别|除(?!夕)|没(?!事|关系)|(?<![帮百])忙|每|隔|再下|最[早晚迟快]|有事|出差|加班|值班|占了|满了|冲突|取消|算了|改天|除外"
    r"|如果|要是|万一|假如|的话|哪怕|看情况"
    r"|\b(?:not|never|except|unless|avoid|but|every|each|[a-z]+n't|cannot|cant|dont|doesnt|wont|isnt|nor|neither"
    r"|other than|apart from|instead of|rather than|busy|unavailable|no|skip|starting|onwards?|latest|earliest"
    r"|away|cancel(?:led)?|booked|out of town|depends|whether|if|alternatively|otherwise)\b"
)
# In Chinese what changes a time stands close by it, in English anywhere.
LEFT_OVER = re.compile(
    r"\d|[二三四五六七八九十][号点月]|一[号月]|初[一二三四五六七八九十]|廿|[二三]?十[一二三四五六七八九]|[二三]十|农历|阴历|旧历|第[一二三四五六七]天|最后|头一?天|次日|翌日|开工"
    r"|饭[前后]|半[月周年]|周[一二三四五六日天末]|星期|礼拜|[上下]周|月[底初末]|[今明去后]年|个月|点钟|工作日|下次|过[几两]"
    r"|节(?![目省约奏])|生日|到时|届时|回头|再[约说定联]|假期|暑假|寒假|婚礼|(?:早|中|晚)[饭餐]|这[几两]天|这个?(?:时候|点|会儿)"
    # "开会之后", "吃完饭": after something else; "之前问过" is no time.
    r"|[以之][前后](?![约问说联打来聊咨申填登在有报提发给])|(?:学|课|会|饭|床|醒|黑|亮|工|家)后|完(?![成整善税全])|(?:上班|工作|办公|营业)时间"
    rf"|{TAKEN}\s*(?:节|的)?\s*(?:以|之)?[前后内外](?![台面])"
    rf"|{TAKEN}\s*(?:的?第|左右|上下|开始|起(?!床)|以来|为止|截止|[上下]半|那一?[周月])"
    rf"|(?:过|完|等|自|离|距|比|[临接]近|整|某|哪|另|隔|快|(?<![改推约放调换挪])到|[上下再]个?[\s,]*)\s*{TAKEN}"
    rf"|{TAKEN}\s*[零二三四五六七八九十](?!分)|[二三四五六七八九十]\s*{TAKEN}|{TAKEN}\s*(?:or|或者?|还是|/)|{TAKEN},?\s*也"
    rf"|\b(?:by|until|till?|since|past|from|to|than|around|about|near|over|early|late|mid|within|following|other|another)"
    rf"[ -](?:the )?{TAKEN}|{TAKEN}(?: or so| or later|[ -]?ish)"
    r"|\b(?:next|last|weeks?|months?|years?|hours?|minutes?|mins?|weekdays?|days|later|earlier|quarter|half|o'clock)\b"
    r"|\b(?:before|after|(?:end|start|beginning|middle|rest|part|first) of)\b"
    r"|\b(?:eve|holidays?|birthday|(?:mon|tues|wednes|thurs|fri|satur|sun|week)days?|mornings|afternoons|evenings)\b"
    r"|\b(?:breakfast|brunch|dinner|supper|sunrise|sunset|cob|eob|eod|halloween|thanksgiving|easter|ramadan)\b"
)
# With no day read, what may name one must not be passed over: "情人节下午".
UNKNOWN_DAY = re.compile(r"[天日节期周月年号]|\b(?:day|date|week|eve|holidays?|birthday)\b")
# What may stand right behind a time in Chinese.
BEHIND = re.compile(
    _any_of(rf"""
    [吧吗呢啊呀哈哦喔嘛啦哟呗么咯] 的(?![前后话头尾末]|时间段) 时间 之间 期间 全天 整天 一(?:整天|天) 可以? 能
    行(?!前) 成 方便 合适 有(?:空|时间|没有?|人|位|号|课|安排) 在(?!即) 怎么?样? 如何 咋 好 最好 都 就 先 会 应 是
    我 你 您 他 她 咱 俺 大家 孩子 爸 妈 老 家里 和(?!{TAKEN}) 与(?!{TAKEN}) 跟 同(?:您|你|他|她)
    那(?:边|里|儿|天|就|我|你|您|会儿) 这(?:边|里|儿|个时间) 当(?:天|日|面|场) 现 线 实地 随时 或许 估 大概 左右
    多谢 比较 更 去 来(?!钟|点) 到(?:你|您|贵|咱|我|县|市|镇|乡|村|家|那|这|场|局|办|厅|现|政|中|单|公|大|一)
    过(?:来|去|到) 进(?:行|城|来|去|县) 回(?:来|去|家|老|国|村|县|乡|电|到) 上(?:门|班|线|课|去|来|网|县)
    开(?:会|车|个|通|证) 见 面(?:谈|对|试|聊|议) 约 聊 谈 咨询? 视频? 电话? 通(?:话|个|电) 打 给 找 交 送 拿 取 领
    带 想 要 准 请 麻烦 帮 由 让 碰 拜访 办(?:理|事|手|公|证|个|完|一) 参 看 做 讨 联 出发 飞 坐 需 希 欢 谢 辛 吃
    安 定 预 完 填 签 学 听 问 说 商 考 陪 接 拜托 发 推送 通知 人 出(?:来|门|去|席) 了解 沟通 对接 汇报 登记
    报(?:名|到|送) 介绍 反映 申 投 顺 返 空 闲 用 试 拍 录 直播 路过 到(?=$|[,。吧的达])
    [\u4e00-\u9fff]{{1,3}}(?:主任|科长|书记|局长|老师|经理|总|县长|镇长|主席|教授|工|律师|大夫|医生|专家|师傅) 人社
    税务 政务 县 镇 乡 村 窗口 大厅 单位 公司 学校 医院 贵 专家 律师 工作人员 领导 各 正好 刚好 恰好 基本 肯定 一定
    尽 全家 一家 再(?:聊|谈|去|来|打) 才 还(?:在|有|能|可) 补班 开学
    """)
)
# What changes a time when it stands right before it.
BEFORE = re.compile(
    r"(?:[上下再过完离距每隔除非拜头前后末底半近满初廿几周月号日年季期晚假休班春夏秋冬晨夜午昨今明次翌某哪整逢届早当一]"
    r"|(?<=[\u4e00-\u9fff])[那这]个?|[^今明后昨前每聊几改半整]天)$"
)
FINE_BEFORE = re.compile(
    r"(?:"
    + _any_of("以前 之前 您前 上班 下班 约下 一下 早些? 改期 延期 到期 日期 时间 近日 那天 当天 今年 明年 统一 第一 的")
    + r")$"
)
# Content words of all kinds come behind a time in English; these may.
WORD_BEHIND = re.compile(
    rf"t(?={TAKEN})|(?:"
    + _any_of("""
    please pls plz thanks? thank thx ok(?:ay)? works? working would will can could should may might is was are be
    good fine great perfect suits? best better ideal possible available free for with and then so as since because
    when that this at on in by via my our your i'?m i'?ll i'?d i'?ve i we'?re we'?ll we'?d we you he she it'?s it
    they me us to through till until the a an of maybe perhaps hopefully right sharp exactly online onsite call
    meeting talk chat video phone zoom wechat appointment slot consultation visit session time local china beijing
    here there sounds? looks? seems? do does let let's how what which who where only just again preferably ideally
    cheers kind regards sir madam or from between say send all about regarding re concerning though tho yes yep cool
    super has have had need needed want wanted book booking reserve schedule talking discuss come coming go join
    meet see speak skype teams office any some questions folks guys dear mate bye he's she's there's that's possibly
    probably confirmed? like really very person people i've got instead anyone someone everybody everyone
    """)
    + r")\b"
)
WORD_BEFORE = re.compile(
    r"(?<!\ball )\b(?:"
    + _any_of("""
    nex nect nxet enxt netx nezt ext net lst ths thi dis previous coming second third fourth fifth alternate follow
    prior upcoming half quarter past pre post eve day night week weekend month year one two couple few some any all
    most both same
    """)
    + r")$"
)
# What may lead hours of which no day was said: anything else may be the day, misspelt ("明夭三点"). The same where day
# and hours are parted by a comma: anything else may tell of another matter.
LEADS = re.compile(
    _any_of("""
    你们?好 请问 听说 补班 那天 发送? 推送 通知 我们 你们 咱们 可以 麻烦 帮忙 有空 方便 最好 不如 安排 时间 电话
    视频 预约 咨询 见面 通话 面谈 现场 线上 当面 每?次 一[下个次]? 大概 大约 差不多 还是 老乡 县里 这边 孩子 放学
    老师 领导 爱人 谢谢 如何 看看 怎么样 调整 推迟 提前 换成 改成 税务 人才 政策 家里 商量 一起 问一?[问下] 打听
    现在 大哥 大姐 师傅 主任 办公室 窗口 语音 微信 通个?话 打个? 人社局? 县 有人 没问题 好的
    [我你您咱俺他她就那在是想要约到能会请帮给跟和把的吧吗呢啊呀嘛好行来去再打定改换挪谈聊见等个妈爸说问]
    """)
)
LEADS_IN_ENGLISH = re.compile(
    r"\b(?:"
    + _any_of("""
    please pls hi hello hey send come go see visit drop pop ok(?:ay)? yes sure so then and can could would will may
    shall should i'?d i'?m i'?ll i we'?d we you me us do is it's it let's lets make book have get take want need
    like prefer love talk chat meet call speak a an the my our your for to at on in by with about around say maybe
    perhaps slot time appointment meeting video phone move change reschedule switch that this thanks thank free
    available works? good better best after from between possible sometime someone somebody officer any anytime end
    side
    """)
    + r")\b"
)


def is_denied(text: str) -> bool:
    """Tell whether a prepared text rules a time out, or names one of several."""
    return bool(DENIED.search(text))


def is_left_over(text: str, *, has_day: bool) -> bool:
    """Tell whether something stayed unread that could change the time, or name its day."""
    rest = re.sub(rf"{TAKEN}+", TAKEN, text)
    if LEFT_OVER.search(rest) or (not has_day and UNKNOWN_DAY.search(rest)):
        return True
    clauses = [clause for clause in re.split(r"[,.;!?。、]", rest) if TAKEN in clause]
    if (not has_day or len(clauses) > 1) and any(map(_is_about_something_else, clauses)):
        return True
    return any(_has_odd_neighbour(rest, found.start()) for found in re.finditer(TAKEN, rest))


def _has_odd_neighbour(rest: str, at: int) -> bool:
    """Tell whether what was read at `at` has a neighbour that may belong to it."""
    before, behind = rest[:at].rstrip(), rest[at + 1 :].lstrip()
    if re.match(r"[\u4e00-\u9fff]", behind) and not BEHIND.match(behind):
        return True
    if re.match(r"[a-z]", behind) and not WORD_BEHIND.match(behind):
        return True
    return bool((BEFORE.search(before) and not FINE_BEFORE.search(before)) or WORD_BEFORE.search(before))


def _is_about_something_else(clause: str) -> bool:
    """Tell whether what leads a time in its clause may name a day, or what happens then: "my train arrives at 11"."""
    lead = clause[: clause.index(TAKEN)]
    left = (LEADS_IN_ENGLISH if re.search(r"[a-z]", lead) else LEADS).sub("", lead)
    return re.search(r"[^\W\d_]", left) is not None
