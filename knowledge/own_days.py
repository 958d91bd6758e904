"""The days a file gives itself: when it was published, takes effect and lapses, and where its words leave that open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.days import TERM, after_term, day_in, days_in, impossible_days_in, last_day_in
from knowledge.numbering import halved, mark_of, to_int
from knowledge.signatures import signature_in

# Numerals as cheques write them: 有效期叁年.
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾", "一二三四五六七八九十")
_OWN = re.compile(
    r"本(?:办法|措施|细则|规定|规程|通知|意见|方案|政策|指南|指引|目录|清单|制度|公告|文件|规则|标准|决定)"
)
_DATED = re.compile(
    r"(?:(?:发布|印发|成文|公布|发文|更新|编制)(?:日期|时间)|^\W*(?:数据)?截至|更新至)\s*:?\s*(.{6,20})"
)
_ACT = r"(?:施行|实施|执行|生效|试行|实行|起效|启用)"
_EFFECT = re.compile(
    rf"(?:自|从|于)(?P<day>(?:(?!停止|不再|终止)[^,。;]){{2,40}}?)(?:起|之日起|后|开始)?\s*(?:正式|开始|起)?\s*{_ACT}"
    rf"|{_ACT}(?:日期|时间)\s*:\s*(?P<told>[^,。;]{{6,24}})"
)
_AT_ONCE = re.compile(rf"(?:即日|发布之日|印发之日|公布之日|下发之日|发文之日)起?\s*(?:正式|开始)?\s*{_ACT}")
_ISSUED = re.compile(r"发布|印发|公布|下发|发文|签发|公告|即日")
_LATER = re.compile(r"(\d+|[一二三四五六七八九十]+)\s*(?:个)?(日|天|月)")
_WITHOUT_YEAR = re.compile(
    r"(?<![\d年.\-/])(\d{1,2}|[一二三四五六七八九十]{1,2})月(\d{1,2}|[一二三四五六七八九十]{1,3})日"
)
_MONTH_ONLY = re.compile(r"((?:19|20)\d{2})年(\d{1,2})月(?!\d)")
_EXPIRY = re.compile(
    r"(?:有效期|试行期|执行期|施行期|实施期|有效时间|政策期|适用期)(?:限)?\s*(?:暂定)?\s*(?:为|至|到|截至|截止到?)?\s*(?P<term>[^,。;]{1,36})"
    r"|(?:执行|施行|试行|实施|有效|适用)(?:期)?(?:至|到|截至|截止到?)(?P<until>[^,。;]{4,24})"
    r"|截至(?P<asof>[^,。;]{6,20}?)(?:之前|以前)?有效"
    r"|(?:试行|暂行|执行|施行|[,,]期限|[,,]为期)(?:期)?(?:暂定)?(?:为)?(?P<trial>[一二两三四五六七八九十\d]+(?:年|个月))"
)
_LAPSE = re.compile(
    r"(?:自|于|到|至)?(?P<day>[^,。;]{6,20}?)(?:之日)?(?:起|后)?\s*(?:自动|自行|即行|同时)(?:失效|废止|终止)"
)
_YEARLY = re.compile(r"(?:适用于|限于|仅限|用于|只适用)(?:本)?((?:19|20)\d{2})年度?|((?:19|20)\d{2})年度内?有效")
_THIS_YEAR = re.compile(r"(?:本|当)年度(?:内)?有效|(?:至|到)(?:本年|当年|年)(?:底|末|度末|年底)|当年有效")
_OPEN_END = re.compile(
    r"长期有效|新(?:的)?(?:规定|政策|办法|文件)出台|另行通知|(?:另有|新的?)[^,。;]{0,8}规定(?:之日)?(?:前|时|为止)"
)
_ON_OTHERS = re.compile(r"》[^,]{0,12}(?:施行|有效期|执行)")


@dataclass(frozen=True, slots=True)
class OwnDays:
    """What was understood; `doubts` as (code, words) for what staff should look at.

    Codes: day_impossible, days_differ, no_year, start_unknown, end_before_start, end_open.
    """

    published: date | None = None
    effective: date | None = None
    expires: date | None = None
    doubts: tuple[tuple[str, str], ...] = ()


def own_days(lines: Sequence[str], title: str, known: Mapping[str, date | None]) -> OwnDays:
    """Read a file's own days. `known` (published, effective, expires: a manifest's) beats the text."""
    doubts: list[tuple[str, str]] = []
    sentences = _own_sentences(lines)
    published = known.get("published") or _published(lines)
    stated = known.get("effective")
    starts = list(_starts(sentences, published, doubts)) if stated is None else [stated]
    if stated is None and len({start for start in starts if start}) > 1:
        doubts.append(("days_differ", ", ".join(dict.fromkeys(start.isoformat() for start in starts))))
    effective = starts[0] if starts else published
    expires = known.get("expires") or _expires(sentences, effective, title, doubts)
    if known.get("expires") is None:
        doubts += [("day_impossible", words) for words in _impossible(sentences)]
    if effective and expires and expires < effective:
        doubts.append(("end_before_start", f"{effective.isoformat()} > {expires.isoformat()}"))
    return OwnDays(published, effective, expires, tuple(dict.fromkeys(doubts)))


def _published(lines: Sequence[str]) -> date | None:
    for line in [*lines[:15], *lines[-15:]]:
        found = _DATED.search(halved(line))
        if found and (day := day_in(found.group(1))):
            return day
    # In the head, beside the office or with the word for it: "(某县民政局2025年3月14日印发)".
    for line in lines[:8]:
        if mark_of(line) is None and (day := _issued_in(line)):
            return day
    # A line that is a day and nothing else is the day of signing; an annex may follow it.
    for line in lines:
        bare = re.sub(r"[\s()（）]|印发$|发布$", "", line)
        for day, start, end in days_in(bare):
            if start == 0 and end == len(bare):
                return day
    # Or it stands on the issuer's own line: "望川县人民政府 2025年3月10日".
    for line in reversed(lines[-6:]):
        if (signed := signature_in(line)) and signed.day:
            return signed.day
    return None


def _issued_in(line: str) -> date | None:
    """Read the day of publication from a line of the head: "2025年3月14日发布", alone, signed or after the number."""
    if (signed := signature_in(line)) and signed.day:
        return signed.day
    words = halved(line).strip()
    for day, start, end in days_in(words):
        before, after = words[:start].strip(" ("), words[end:].strip()
        said = re.match(r"(?:印发|发布|公布|编印)(?:[)\s]|$)", after)
        numbered = re.fullmatch(r"(?:[\u4e00-\u9fff]{1,14}〔\d{4}〕\d+号)?[\s\u4e00-\u9fff]{0,30}", before)
        if (said and numbered) or (not before and after.startswith("(")):
            return day
        return None
    return None


def _starts(sentences: Sequence[str], published: date | None, doubts: list[tuple[str, str]]) -> Iterable[date]:
    for sentence in sentences:
        found_here = False
        for found in _EFFECT.finditer(sentence):
            said = found.group("day") or found.group("told")
            whole = sentence[found.start() : found.end()]
            if day := day_in(said):
                found_here = True
                yield day
            elif month := _MONTH_ONLY.search(said):
                found_here = True
                yield date(int(month[1]), min(max(int(month[2]), 1), 12), 1)
            elif _ISSUED.search(said):
                found_here = True
                if published is None:
                    doubts.append(("start_unknown", whole))
                else:
                    yield _after(published, whole)
            elif dated := _WITHOUT_YEAR.search(said):
                found_here = True
                doubts.append(("no_year", dated.group()))
                if published is not None and (day := _in_year_of(published, dated)):
                    yield day
        if not found_here and (at_once := _AT_ONCE.search(sentence)):
            if published is None:
                doubts.append(("start_unknown", at_once.group()))
            else:
                yield published


def _after(published: date, whole: str) -> date:
    """Count from the day of publication: "自印发之日起30日后施行" published on 10 March is 9 April."""
    later = _LATER.search(whole)
    if later is None:
        return published
    count = to_int(later.group(1))
    if later.group(2) == "月":
        end = after_term(published, f"{count}个月")
        return end + timedelta(days=1) if end else published
    return published + timedelta(days=count)


def _in_year_of(published: date, dated: re.Match[str]) -> date | None:
    """Take a day without a year as the next one after publication."""
    try:
        day = date(published.year, to_int(dated[1]), to_int(dated[2]))
        return day if day >= published else day.replace(year=day.year + 1)
    except ValueError:
        return None


def _expires(sentences: Sequence[str], start: date | None, title: str, doubts: list[tuple[str, str]]) -> date | None:
    for sentence in sentences:
        if day := _end_in(sentence, start):
            return day
        if re.search(r"有效期|施行|执行", sentence) and (opened := _OPEN_END.search(sentence)):
            if opened.group() != "长期有效":
                doubts.append(("end_open", opened.group()))
            return None
    # A list that is made for one year ends with it.
    of_year = re.search(r"((?:19|20)\d{2})年度?(?!版|修订)", halved(title))
    if of_year and (any(_THIS_YEAR.search(sentence) for sentence in sentences)):
        return date(int(of_year[1]), 12, 31)
    return None


def _end_in(sentence: str, start: date | None) -> date | None:
    if start and _THIS_YEAR.search(sentence) and "有效" in sentence and len(list(days_in(sentence))) <= 1:
        return date(start.year, 12, 31)
    for found in _EXPIRY.finditer(sentence):
        said = next(filter(None, found.groups()), "")
        days = [day for day, _, _ in days_in(said)]
        if days and not re.match(r"自.{6,24}起\D{0,4}\d+年", said):
            return days[-1]
        if day := last_day_in(said):
            return day
        begins = days[0] if days else start
        if begins and (term := TERM.search(said)):
            return after_term(begins, term.group())
    if "止" in sentence and re.search(r"有效期|施行|执行|适用", sentence):
        ends = [day for day, _, _ in days_in(sentence)]
        if len(ends) >= 2:
            return ends[-1]
    if (lapse := _LAPSE.search(sentence)) and "《" not in lapse["day"] and (day := day_in(lapse["day"])):
        # "2027年1月1日起自动失效": the day before is the last.
        return day - timedelta(days=1) if re.search(r"起\s*(?:自动|自行|即行|同时)", lapse.group()) else day
    if yearly := _YEARLY.search(sentence):
        return date(int(yearly[1] or yearly[2]), 12, 31)
    return None


def _impossible(sentences: Sequence[str]) -> Iterable[str]:
    for sentence in sentences:
        if re.search(rf"{_ACT}|有效期|失效", sentence):
            yield from impossible_days_in(sentence)


def _own_sentences(lines: Sequence[str]) -> list[str]:
    """Give the sentences that may speak of this file's own days: its own name first, later before earlier."""
    plain = (halved(line).translate(_FORMAL) for line in lines)
    sentences = [part for line in plain for part in re.split(r"[。;]", line) if part]
    # "自《…》施行之日起" and sentences on other files must not date this one.
    spoken = [
        part for part in sentences if not _ON_OTHERS.search(part) or _OWN.match(re.sub(r"^\W*\w{1,2}、", "", part))
    ]
    own = [part for part in spoken if _OWN.search(part)]
    return [*reversed(own), *reversed([part for part in spoken[-40:] if part not in own])]
