"""Numbers as word processors and browsers draw them before paragraphs: 第一条, (二), IV, ③."""

from __future__ import annotations

_DIGITS = "零一二三四五六七八九"
_LEGAL = str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")


def drawn_number(count: int, form: str) -> str:
    """Draw a number in one of Word's formats (ECMA-376 part 1, ST_NumberFormat)."""
    if form in (
        "chineseCounting",
        "chineseCountingThousand",
        "taiwaneseCounting",
        "taiwaneseCountingThousand",
        "japaneseCounting",
    ):
        return chinese(count)
    if form in ("chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"):
        return chinese(count).translate(_LEGAL)
    if form in ("ideographTraditional", "ideographZodiac"):
        row = "甲乙丙丁戊己庚辛壬癸" if form == "ideographTraditional" else "子丑寅卯辰巳午未申酉戌亥"
        return row[(count - 1) % len(row)]
    if form == "decimalFullWidth":
        return "".join(chr(0xFF10 + int(digit)) for digit in str(count))
    if form in ("decimalEnclosedParen", "decimalEnclosedFullstop") and 1 <= count <= 20:
        return chr((0x2474 if form == "decimalEnclosedParen" else 0x2488) + count - 1)
    if form == "ideographDigital":
        return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(count))
    if form in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman"):
        return _roman(count).lower() if form == "lowerRoman" else _roman(count)
    if form == "decimalZero":
        return f"{count:02d}"
    if form in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese") and 1 <= count <= 20:
        return chr(0x2460 + count - 1)
    return str(count)


def chinese(number: int) -> str:
    """Write a number below ten thousand in Chinese, as articles are counted (十二, 一百零三)."""
    out, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            lone_ten = digit == 1 and unit == 10 and not out
            out += ("零" if zero else "") + ("" if lone_ten else _DIGITS[digit]) + name
            zero = False
        elif out:
            zero = True
    return out or "零"


def _roman(number: int) -> str:
    out = ""
    for value, letters in ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
                           (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):  # fmt: skip
        count, number = divmod(number, value)
        out += letters * count
    return out
