"""How a channel writes where a quotation stands."""

from __future__ import annotations

from handlers.dialogue import Source
from handlers.texts import Texts


def source_line(source: Source, texts: Texts, language: str) -> str:
    """Write where a quotation stands: document, number, clause, days in force, file and notes."""
    title = source.document if source.document.startswith("《") else f"《{source.document}》"
    number = texts("terminal.source_number", language, number=source.doc_no) if source.doc_no else ""
    facts = [f"{title}{number} {source.clause}".rstrip()]
    if source.effective:
        facts.append(texts("terminal.source_in_force", language, effective=source.effective))
    if source.expires:
        facts.append(texts("terminal.source_until", language, expires=source.expires))
    facts += [fact for fact in (source.note, source.file) if fact]
    return " · ".join(facts)
