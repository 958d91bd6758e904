"""Index tokens kept on disk: cutting ten thousand clauses takes half a minute, reading them back a second."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path

from knowledge.documents import Clause, Document
from knowledge.search import cut_clause

log = logging.getLogger(__name__)

# Raise it when words.py or cut_clause change what they give.
EDITION = 3

Cut = dict[str, tuple[list[str], list[list[str]]]]


class TokenCache:
    """One file per document under a folder; a cache, so anything wrong with it means cutting anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def cut(self, document: Document, clauses: Sequence[Clause]) -> Cut:
        """Give the tokens of every clause, from disk where the same words were cut before."""
        path = self._path(document.id)
        kept = self._kept(path)
        keys = {clause.id: _key(document, clause) for clause in clauses}
        cut = {clause.id: kept.get(keys[clause.id]) or cut_clause(document, clause) for clause in clauses}
        if kept.keys() != set(keys.values()):
            self._folder.mkdir(parents=True, exist_ok=True)
            # Written aside and moved: another process must never read half a file.
            aside = path.with_suffix(".new")
            aside.write_text(json.dumps({keys[id_]: found for id_, found in cut.items()}, ensure_ascii=False), "utf-8")
            aside.replace(path)
        return cut

    def _kept(self, path: Path) -> Cut:
        try:
            return {key: (heading, parts) for key, (heading, parts) in json.loads(path.read_text("utf-8")).items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            log.warning("tokens.unreadable", extra={"file": path.name, "reason": type(error).__name__})
            return {}

    def forget(self, document: str) -> None:
        """Drop a document's tokens."""
        self._path(document).unlink(missing_ok=True)

    def _path(self, document: str) -> Path:
        return self._folder / f"{document}.json"


def _key(document: Document, clause: Clause) -> str:
    words = [EDITION, document.title, clause.path, clause.label, clause.text, clause.rows]
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:20]
