"""Where somebody lives: Chinese cities, countries and well-known cities abroad, by the names people use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, ClassVar

from handlers.questions import Problem, Question, looks_like_question, tidy
from knowledge.words import normalise

LONGEST = 60
OURS = frozenset({"CN", "HK", "MO", "TW", "ZZ"})  # listed by city; ZZ is nowhere
HERE = re.compile(r"(?:在|住在?|现居地?|居住在?|定居|常住|人在|搬到|到了|\bin|\bat|\bfrom)\W{0,2}$")
ORIGIN = re.compile(r"(?:老家|籍贯|祖籍|出生)\W{0,3}(?:在|是)?\W{0,2}$")
NOT_THIS = re.compile(r"(?:而?不是|并非|not)\s*\S{1,8}")
FILLER = re.compile(
    r"^(?:我|现在?|目前|常年|一直|人)*(?:在|住在?|现居地?|定居在?|[:是])*|(?:这边|那边|那儿|工作|上班|生活|打工|定居|居住|市|了)+$"
)
OWN = re.compile(
    r"[\u3400-\u9fff]{2,12}(?:市|县|区|州|盟|镇|旗)$|^[A-Z][A-Za-z .'-]{2,30}(?:, ?[A-Z][A-Za-z .'-]{2,30})?$"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place as it is shown, and its code for filters: "CN/深圳", "US"; empty for one no table knows."""

    name: str
    code: str


@dataclass(frozen=True)
class Residence(Question[Place]):
    """Where somebody lives now: a Chinese city, or a country with a city."""

    free_text: ClassVar[bool] = True

    def read(self, text: str) -> Place | Problem:
        if looks_like_question(text):
            return Problem("problem.place.unknown")
        words = NOT_THIS.sub("", tidy(text))
        found = list(dict.fromkeys(place for place, _, _ in named(words)))
        if len(found) == 1:
            return _with_city(found[0], words)
        if len(found) > 1:
            return Problem("problem.place.several", {"given": "、".join(place.name for place in found[:3])})
        plain = normalise(words)
        if (province := next((name for name in _provinces() if name in plain), None)) is not None:
            return Problem("problem.place.city", {"given": province})
        own = FILLER.sub("", words).strip(" ,。.")
        if OWN.search(words.strip(" ,。.")) and len(own) <= LONGEST:
            return Place(words.strip(" ,。."), "")
        return Problem("problem.place.unknown")

    def find(self, text: str) -> Place | None:
        words = NOT_THIS.sub("", tidy(text))
        plain = normalise(words)
        here = [
            place for place, start, _ in named(words) if HERE.search(plain[:start]) and not ORIGIN.search(plain[:start])
        ]
        return _with_city(here[0], words) if len(set(here)) == 1 else None

    def dump(self, value: Place) -> Any:
        return {"name": value.name, "code": value.code}

    def load(self, stored: Any) -> Place:
        return Place(stored["name"], stored["code"])

    def show(self, value: Place) -> str:
        return value.name


def in_language(place: Place, language: str) -> str:
    """Write a place for a reader: "美国 洛杉矶" is "洛杉矶, United States" in English, 深圳 is Shenzhen.

    What no table knows, and a city beside a country, stay in the person's own spelling.
    """
    if language != "en" or not place.code:
        return place.name
    if place.code.startswith("CN/"):
        return _latin().get(place.code, place.name)
    from babel import Locale

    country, _, city = place.name.partition(" ")
    name = Locale("en").territories.get(place.code, country)
    return f"{city}, {name}" if city else name


def named(text: str) -> Iterator[tuple[Place, int, int]]:
    """Find the places a text names; of names inside each other the longest."""
    pattern, places = _names()
    for found in pattern.finditer(normalise(text)):
        yield places[found[0]], *found.span()


def _with_city(place: Place, words: str) -> Place:
    """Keep the city named beside a country, in the person's spelling: "美国 洛杉矶"."""
    if place.code.startswith("CN/"):
        return place
    plain = unicodedata.normalize("NFKC", words)
    cities = [plain[start:end] for _, start, end in named(words)]
    beside = [city for city in cities if city.casefold() not in _countries()]
    return Place(" ".join([place.name, *dict.fromkeys(beside)]), place.code)


@cache
def _names() -> tuple[re.Pattern[str], dict[str, Place]]:
    """Give every known name, normalised, and one pattern that finds them, the longest first."""
    from babel import Locale
    from pypinyin import lazy_pinyin

    names: dict[str, Place] = {}
    for code, listed in table("abroad.txt"):
        country = Locale("zh").territories[code]
        for name in listed.split():
            # One character is a country only beside others ("中美"): too little to go by.
            if len(name) > 1:
                names[normalise(name.replace("_", " "))] = Place(country, code)
    chinese = Locale("zh").territories
    for territories in (chinese, Locale("en").territories):
        for code, name in territories.items():
            if code in chinese and len(code) == 2 and code.isalpha() and code not in OURS and len(name) > 1:
                names.setdefault(normalise(name), Place(chinese[code], code))
    for _, listed in table("cities.txt"):
        for city in listed.split():
            place, others = _city(city)
            for other in others:
                names[normalise(other.replace("_", " "))] = place
            names.setdefault("".join(lazy_pinyin(place.name)), place)
    # Latin names are whole words: "rome" does not stand in "romeo".
    edge = {name: rf"(?<![a-z]){re.escape(name)}(?![a-z])" if name.isascii() else re.escape(name) for name in names}
    return re.compile("|".join(edge[name] for name in sorted(names, key=len, reverse=True))), names


@cache
def _latin() -> dict[str, str]:
    """Give the Latin name of every Chinese city by its code: the customary one, or Pinyin (GB/T 16159)."""
    from pypinyin import lazy_pinyin

    names = {}
    for _, listed in table("cities.txt"):
        for city in listed.split():
            place, others = _city(city)
            customary = next((other for other in others if other.isascii()), "")
            # 西安 is Xi'an: a syllable that begins with a vowel is set off.
            syllables = re.sub(r" (?=[aeo])", "'", " ".join(lazy_pinyin(place.name))).replace(" ", "")
            names[place.code] = customary.replace("_", " ").title() or syllables.capitalize()
    return names


def _city(listed: str) -> tuple[Place, list[str]]:
    """Read "深圳市[龙岗,宝安]": the city by its short name, and its other names with the full one first."""
    name, _, others = listed.rstrip("]").partition("[")
    short = name.removesuffix("市").removesuffix("地区") if len(name) > 2 else name
    return Place(short, f"CN/{short}"), [name, *filter(None, others.split(","))]


@cache
def _countries() -> frozenset[str]:
    from babel import Locale

    told = {name for language in ("zh", "en") for name in Locale(language).territories.values()}
    return frozenset(normalise(name) for name in told | {"usa", "uk", "u.s.", "u.k.", "美", "大马", "澳洲", "印尼"})


@cache
def _provinces() -> tuple[str, ...]:
    return tuple(name for name, _ in table("cities.txt"))


def table(name: str) -> Iterator[tuple[str, str]]:
    for line in resources.files("handlers.places").joinpath(name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            head, _, rest = line.partition(": ")
            yield head, rest
