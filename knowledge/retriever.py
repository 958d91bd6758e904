"""The whole search as a LangChain retriever, so that other chains can stand on it."""

from __future__ import annotations

from datetime import date
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from knowledge.search import Index, passage_text


class ClauseRetriever(BaseRetriever):
    """Retrieve the clauses in force on a day; metadata tells where each stands.

    `on` is the county day the question is asked for, `k` how many clauses to give.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Any
    on: date
    k: int = 10

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        index: Index = self.index
        return [
            Document(
                id=hit.id,
                page_content=passage_text(hit.document, hit.clause),
                metadata={
                    "file": hit.document.file,
                    "document": hit.document.title,
                    "doc_no": hit.document.doc_no,
                    "clause": hit.clause.label,
                    "status": hit.standing.status.value,
                    "score": hit.score,
                },
            )
            for hit in index.search(query, on=self.on, k=self.k)
        ]
