"""The words that one file puts in place of another's: corrections, supplements, rows of a list of changes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge.naming import ARTICLES, NAMED, canonical, number_in
from knowledge.numbering import Level, article_of, halved, mark_of

_TO = r"(?:为|至|到|成)\s*:?\s*"
_ADJUST = (
    r"(?:更正|修改|修正|调整|变更|提高|提升|降低|压缩|缩短|压减|延长|顺延|延期|延后|延|推迟|提前|增加|减少|扩大|放宽|改)"
    rf"{_TO}"
)
ADJUSTS = re.compile(rf"{_ADJUST}|应为")
UNIT = (
    r"(?:(?:万|亿)?元|%|‰|个?百分点|个?工作日|个?自然日|个?月|周岁|岁|平方米|公里|亩|年|次|天|日|人|名|项|倍|小时"
    r"|家|件|张)"
)
FIGURE = rf"(?:\d+(?:\.\d+)?\s*{UNIT}|[一二三四五六七八九十]+分之[一二三四五六七八九十]+)"
# A day as events name it, with its lunar day and its hours.
MOMENT = (
    r"(?:\d{4}年)?\d{1,2}月\d{1,2}日(?:、\d{1,2}日)*(?:\((?:农历|星期|周)[^()]*\))?(?:上午|下午|晚上|晚)?"
    r"(?:\d{1,2}:\d{2}(?:\s*(?:[—\-–~至到]+)\s*(?:次日)?\d{1,2}:\d{2})?)?"
)
_QUOTED = re.compile(rf'"(?P<old>[^"]+)"[^"。;]{{0,12}}?(?:{_ADJUST}|应为\s*:?\s*)"(?P<new>[^"]+)"')
# A day may have its lunar day and its hours.
_OLD, _NEW = r"(?:[^,。;:由]|(?<=\d):(?=\d))", r"(?:[^,。;()]|\((?:农历|星期|周|\d{4}年)[^()]*\))"
_FROM_TO = re.compile(rf"由(?:原来的|原)?(?P<old>{_OLD}{{1,40}}?)(?:统一|相应)?{_ADJUST}(?P<new>{_NEW}{{1,40}})")
_THEN = re.compile(
    rf'(?:^|[,;。:])(?P<old>[^,。;:由"]{{1,24}}?{FIGURE})(?:统一|相应)?{_ADJUST}(?P<new>[^,。;()]{{1,24}})'
)
# An event is moved: 原定于A举行,现调整为B.
_MOVED = re.compile(
    rf"原(?:定|计划)(?:于|在)?(?P<old>[^,。;:]{{2,24}}?)(?:举行|召开|举办|开始|截止)?(?:的[^,。;:]{{1,12}})?,?(?:现)?"
    rf"(?:{_ADJUST}|(?:变更|推迟|延期|提前|改期){_TO})(?P<new>[^,。;()]{{2,24}}?)(?=举行|召开|举办|开始|截止|[,。;()]|$)"
)
# Only what will be is said: 报名截止时间调整为1月25日.
_TO_ONLY = re.compile(
    rf'(?:^|[,;。:])(?P<lead>[^,。;:由"\d]{{2,24}}?)(?:统一|相应|再)?{_ADJUST}(?P<new>[^。;"]{{1,60}})'
)
# Several at once, each by its own words: 交通费标准调整为:省内每次最高500元;省外每次最高1500元.
_EACH_TO = re.compile(rf"{_ADJUST}(?P<items>[^。;:]*{FIGURE}[^。;]*(?:;[^。;]*{FIGURE}[^。;]*)+)")
_ITEM = re.compile(rf"^(?P<lead>[^,;:\d]{{2,30}}?)(?P<new>{FIGURE})")
# "三、线上服务。按照60%折算服务日": the same words with another figure.
_RESTATED = re.compile(rf"(?P<lead>[\u4e00-\u9fff]{{2,8}})(?P<new>{FIGURE})(?P<tail>[\u4e00-\u9fff]{{3,10}})")
_TOPIC = re.compile(r"([\u4e00-\u9fff]{2,10})[。:]")
# "采收期服务的专家,……": what follows holds for them alone.
_SOME = re.compile(r"的[\u4e00-\u9fff]{0,4}(?:[人者员师才户工生民亲]|专家|代表|企业|单位|主体|机构|项目|合作社|家庭)$")
_ANEW = re.compile(r'(?P<article>第[^第条"]{1,6}条)(?:全文|内容)?(?:修改|更正|调整)为\s*:?\s*"(?P<new>[^"]{12,})"')
# Columns of a list that changes what other files say: what was, what is, and what of.
_WAS = re.compile(r"原|法定|规定(?:时限|标准|期限)|调整前|压缩前|现行")
_IS = re.compile(r"压缩后?|调整后|缩短|承诺|压减后|本年度?|\d{4}年|新|执行(?:时限|标准)")
_MATTER = re.compile(r"事项|项目|名称|内容")
_FILE = re.compile(r"依据|文件|政策")
# How a list names a file without 《》: the end of its title, and no "有关规定".
_SHORT = re.compile(
    r"(?!.*(?:有关|相关|国家|省|市))[\u4e00-\u9fff]{2,}(?:办法|措施|细则|规程|规定|目录|方案|意见|指南|指引|通知)"
)
_ALL_UNITS = re.compile(r"(?:时限|期限)[^。;]{0,6}?(?:均|单位)(?:为|按|:)\s*(工作日|自然日|天|日)")


@dataclass(frozen=True, slots=True)
class Change:
    """Words that one file puts in place of another's.

    `title` and `doc_no` name the file changed where the text does, `article` its article; None leaves
    them open. `old` is empty where `new` is the whole article, or where only what will be is said: then
    `lead` (and `tail`) are the words around it. `about` is the matter it is said of. `for_some` marks what
    holds for some people only: it changes no words. `row` is the row of a list that says so, header first;
    `clause` the id of the clause that does.
    """

    old: str
    new: str
    article: int | None = None
    title: str | None = None
    doc_no: str | None = None
    lead: str = ""
    tail: str = ""
    about: str = ""
    for_some: bool = False
    row: tuple[tuple[str, ...], ...] = ()
    clause: str = ""

    @property
    def is_whole(self) -> bool:
        return not self.old and not self.lead


def changes_in(text: str, rows: Sequence[Sequence[str]] = (), unit: str = "") -> list[Change]:
    """Read what a clause changes in other files: 第七条中"A"更正为"B", 由A调整为B, or rows of a table of changes.

    An article named earlier in the clause goes on counting until another is named. `unit` is that of
    the figures in rows that give none.
    """
    return [*(change for change in _in_words(text) if change.old != change.new), *changes_in_rows(rows, unit)]


def unit_for_rows(texts: Sequence[str]) -> str:
    """Give the unit that a list lays down for all its figures ("时限均为工作日"); empty if it does not."""
    return next((found[1] for text in texts if (found := _ALL_UNITS.search(halved(text)))), "")


def _in_words(text: str) -> list[Change]:
    mark = mark_of(text)
    words = re.sub(r"[“”「」『』]", '"', canonical(mark[2] if mark and mark[0] is Level.ARTICLE else text))
    articles = [(found.start(), article_of(found.group())) for found in ARTICLES.finditer(words)]
    titles = [(found.start(), found["title"], number_in(found)) for found in NAMED.finditer(words)]
    taken: list[tuple[int, int]] = []

    def free(found: re.Match[str]) -> bool:
        return all(found.end() <= start or found.start() >= end for start, end in taken)

    def placed(found: re.Match[str], old: str, new: str, lead: str = "") -> Change:
        taken.append(found.span())
        at = found.start()
        article = next((number for start, number in reversed(articles) if start < at), None)
        title, doc_no = next(((name, no) for start, name, no in reversed(titles) if start < at), (None, None))
        before = re.split(r"[。;\n]", words[:at])[-1]
        some = article is None and any(_SOME.search(part) for part in before.split(",")[:-1])
        own = mark_of(before)
        lead = lead or next((part for part in reversed(re.split(r"[,:]", own[2] if own else before)) if part), "")
        topic = _TOPIC.match(mark[2] if mark else words)
        return Change(
            old.strip("。; "),
            new.strip("。; "),
            article,
            title,
            doc_no,
            lead,
            about=topic[1] if topic else "",
            for_some=some,
        )

    found: list[Change] = []
    for anew in _ANEW.finditer(words):
        taken.append(anew.span())
        found.append(Change("", anew["new"], article_of(anew["article"])))
    found += [placed(pair, pair["old"], pair["new"]) for pair in _QUOTED.finditer(words)]
    for pattern in (_FROM_TO, _THEN, _MOVED):
        for pair in pattern.finditer(words):
            old, new = pair["old"], pair["new"]
            told = all(re.search(rf"\d|{FIGURE}", side) for side in (old, new))
            if free(pair) and (told or re.search(r"(?:地点|地址|会场|场地)$", words[: pair.start()])):
                found.append(placed(pair, *_alike(old, new)))
    for several in _EACH_TO.finditer(words):
        items = [_ITEM.match(item.strip()) for item in several["items"].split(";")]
        if free(several) and all(items):
            found += [placed(several, "", item["new"], lead=item["lead"]) for item in items if item]
    for said in _TO_ONLY.finditer(words):
        # "调整如下" announces, "由县教育局调整为统筹安排" tells no figure.
        if free(said) and not re.search(r"原|有关|以下|如下", said["lead"]):
            own = mark_of(said["lead"])
            found.append(placed(said, "", said["new"], lead=own[2] if own else said["lead"]))
    topic = _TOPIC.match(mark[2] if mark else words)
    for restated in _RESTATED.finditer(words) if topic and not ADJUSTS.search(words) else ():
        change = placed(restated, "", restated["new"], lead=restated["lead"])
        found.append(replace(change, tail=restated["tail"], article=None))
    return found


def _alike(old: str, new: str) -> tuple[str, str]:
    """Complete the new words by what the old ones have before the same phrase: 省外每次800元, 每次1200元."""
    shape_old, shape_new = (re.sub(r"[\d.]+", "#", words) for words in (old, new))
    if len(shape_old) > len(shape_new) and shape_old.endswith(shape_new):
        start = re.search(r"\d", old)
        kept = len(shape_old) - len(shape_new)
        if start and kept <= start.start():
            return old, old[:kept] + new
    return old, new


def changes_in_rows(rows: Sequence[Sequence[str]], unit: str = "") -> Iterator[Change]:
    """Read rows of lists whose headers have a column for what was and one for what is; what stays changes nothing."""
    header: Sequence[str] = ()
    columns: tuple[int, int] | None = None
    for row in rows:
        if found := _columns_of_change(row):
            header, columns = row, found
            continue
        if columns is None or len(row) != len(header):
            continue
        given = re.search(r"\(([^()]{1,6})\)", halved(header[columns[0]]))
        old, new = (_figure(row[column], given[1] if given else unit) for column in columns)
        if not old or not new or old == new:
            continue
        others = [cell for i, cell in enumerate(row) if i not in columns]
        line = canonical(" ".join(others))
        article, named = ARTICLES.search(line), NAMED.search(line)
        change = Change(
            old,
            new,
            article_of(article.group()) if article else None,
            named["title"] if named else None,
            number_in(named) if named else None,
            about=_cell(header, row, _MATTER),
            row=(tuple(header), tuple(row)),
        )
        short = re.sub(r"[《》\s]", "", _cell(header, row, _FILE))
        yield change if named or not _SHORT.fullmatch(short) else replace(change, title=short)


def _cell(header: Sequence[str], row: Sequence[str], name: re.Pattern[str]) -> str:
    return next((halved(cell).strip() for head, cell in zip(header, row, strict=False) if name.search(head)), "")


def _columns_of_change(header: Sequence[str]) -> tuple[int, int] | None:
    """Find the columns of what was and what is in a table's header, if it has both."""
    if any(re.fullmatch(r"[\d.]+", cell.strip()) for cell in header):
        return None
    now = next((i for i, cell in enumerate(header) if _IS.search(cell) and not _WAS.search(cell)), None)
    was = next((i for i, cell in enumerate(header) if _WAS.search(cell) and i != now), None)
    return (was, now) if was is not None and now is not None else None


def _figure(cell: str, unit: str) -> str:
    """Give a cell's figure with its unit; empty for a dash, a blank, or what is said to stay."""
    words = halved(cell).strip()
    if "不变" in words:
        return ""
    words = re.sub(r"\(.*?\)", "", words).strip()
    if not re.search(r"\d", words):
        return ""
    return f"{words}{'个' if unit in ('工作日', '自然日') else ''}{unit}" if re.fullmatch(r"[\d.]+", words) else words
