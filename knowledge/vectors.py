"""Passages as vectors in Chroma: a cache beside the lexical index, owned by one process, rebuilt when lost."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from knowledge.errors import KnowledgeError

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

log = logging.getLogger(__name__)

BATCH = 500


class VectorsGone(KnowledgeError):
    """The store can't be used; search goes on from words."""


class VectorsBusy(VectorsGone):
    """Another process owns the store: Chroma silently loses what several processes write."""


class Vectors:
    """The vectors of all passages, by passage id. Everything imports Chroma lazily: it takes half a second."""

    def __init__(self, store: Any, lock: IO[str] | None) -> None:
        self._store = store
        self._lock = lock

    @classmethod
    def open(cls, folder: Path, embeddings: Embeddings, name: str) -> Vectors:
        """Open or create the store in a folder. Raises VectorsBusy or VectorsGone."""
        folder.mkdir(parents=True, exist_ok=True)
        lock = _own(folder)
        try:
            from chromadb.config import Settings
            from langchain_chroma import Chroma

            store = Chroma(
                collection_name=re.sub(r"[^a-zA-Z0-9._-]+", "-", name)[:60].strip("-._") or "vectors",
                # Ours always: without one Chroma would fetch a model.
                embedding_function=embeddings,
                persist_directory=str(folder),
                client_settings=Settings(anonymized_telemetry=False),
                collection_metadata={"hnsw:space": "cosine"},
            )
        except Exception as error:
            # Chroma raises whatever its Rust core, SQLite or the file system raise, and remembers the ruin by its path.
            _forget_stores()
            lock.close()
            raise VectorsGone(
                f"the vector store can't be opened ({type(error).__name__}); it is rebuilt if deleted"
            ) from error
        return cls(store, lock)

    def ids(self) -> set[str]:
        """Give the ids of all passages held."""
        return set(self._guarded(lambda: self._store.get(include=[])["ids"]))

    def sync(self, wanted: Mapping[str, str]) -> tuple[int, int]:
        """Hold exactly these passages (id to text): add what is missing, remove the rest, touch nothing else.

        Gives how many were added and removed.
        """
        held = self.ids()
        missing = [identity for identity in wanted if identity not in held]
        extra = sorted(held - wanted.keys())
        for start in range(0, len(extra), BATCH):
            some = extra[start : start + BATCH]
            self._guarded(lambda some=some: self._store.delete(ids=some))
        for start in range(0, len(missing), BATCH):
            some = missing[start : start + BATCH]
            texts = [wanted[identity] for identity in some]
            self._guarded(lambda some=some, texts=texts: self._store.add_texts(texts, ids=some))
        return len(missing), len(extra)

    def forget_other_models(self) -> None:
        """Drop what earlier models left behind: called when this model's vectors are all there."""
        client, own = self._store._client, self._store._collection.name  # langchain-chroma gives no other way to them
        for collection in self._guarded(client.list_collections):
            if collection.name != own:
                self._guarded(lambda name=collection.name: client.delete_collection(name))

    def nearest(self, question: str, k: int) -> list[tuple[str, float]]:
        """Give the ids of the k nearest passages with their cosine similarity (-1 to 1), nearest first."""
        found: Sequence[tuple[Any, float]] = self._guarded(
            lambda: self._store.similarity_search_with_score(question, k=k)
        )
        return [(document.id, 1 - distance) for document, distance in found]

    def close(self) -> None:
        """Give the store up to other processes."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _guarded(self, work: Any) -> Any:
        try:
            return work()
        except Exception as error:
            # The same medley as in `open`; the caller's way on is always the same.
            raise VectorsGone(f"the vector store failed ({type(error).__name__}: {error})") from error


def _forget_stores() -> None:
    from chromadb.api.shared_system_client import SharedSystemClient

    SharedSystemClient.clear_system_cache()


def _own(folder: Path) -> IO[str]:
    """Take the folder for this process; the lock ends with it, however it ends."""
    handle = (folder.parent / f"{folder.name}.lock").open("w")
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        log.info("vectors.unlocked", extra={"reason": "no file locks on this system"})
    except OSError as error:
        handle.close()
        raise VectorsBusy("another process uses the vector store; this one goes on with words") from error
    return handle
