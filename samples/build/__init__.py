"""Makes the binary files of the sample county from the texts beside it: python -m samples.build."""

from __future__ import annotations

from pathlib import Path

from samples.build.pages import write_guide, write_ruled
from samples.build.refused import write_refused
from samples.build.scan import write_scan
from samples.build.sheets import write_directory
from samples.build.word import write_word

TEXTS = Path(__file__).parent / "texts"
SAMPLES = Path(__file__).parent.parent

WORD = (
    "清岚县回乡投资促进若干措施",
    "清岚县假日工程师和候鸟型专家管理办法",
    "清岚县工业用地和闲置农房利用管理办法",
    "清岚县人才安居实施细则",
    "清岚县乡村民宿扶持办法",
    "清岚县政务服务事项办理时限压减清单（2026年度）",
    "清岚县迎回建工作考核办法",
)
GUIDE = "清岚县在外人员子女入学办理指南（2026年）"
INTEREST = "清岚县项目贷款贴息实施细则"
CONCESSIONS = "清岚县特许经营项目推介指南（2026年）"
SCAN = "关于工业园区污水集中处理收费标准的通知"


def main(documents: Path = SAMPLES / "documents", refused: Path = SAMPLES / "refused") -> None:
    """Write every binary file into the two folders; the scan needs a Chinese font, without one it stays as it is."""
    for name in WORD:
        write_word(documents / f"{name}.docx", text_of(name))
    write_guide(documents / f"{GUIDE}.pdf", text_of(GUIDE), "清岚县教育局办事指南")
    write_guide(documents / f"{INTEREST}.pdf", text_of(INTEREST), "清岚县财政局文件")
    write_ruled(documents / f"{CONCESSIONS}.pdf", text_of(CONCESSIONS), "清岚县发展和改革局")
    write_directory(documents / "清岚县工业园区厂房和孵化载体目录.xlsx")
    write_scan(documents / f"{SCAN}.pdf", text_of(SCAN))
    write_refused(refused, documents)


def text_of(name: str) -> str:
    """Give the text a binary file is made from."""
    return (TEXTS / f"{name}.txt").read_text("utf-8")
