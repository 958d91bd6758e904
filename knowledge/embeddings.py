"""Embeddings behind LangChain's port: an offline default that needs no download, or an endpoint by one setting."""

from __future__ import annotations

import hashlib
import math
from collections import Counter

import numpy as np
from langchain_core.embeddings import Embeddings
from pydantic import SecretStr

from knowledge.errors import KnowledgeError
from knowledge.words import normalise

DIMENSIONS = 512


class HashingEmbeddings(Embeddings):
    """Hash character n-grams (1 to 3) into a unit vector of 512 dimensions, signed, with damped counts.

    No model and no download: it knows spelling, not meaning, and its weight in search is small for it
    (Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning").
    """

    name = "hashing-512"

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        plain = "".join(character for character in normalise(text) if character.isalnum())
        grams = Counter(plain[i : i + n] for n in (1, 2, 3) for i in range(len(plain) - n + 1))
        vector = np.zeros(DIMENSIONS)
        for gram, count in grams.items():
            # blake2b, for Python's own hash differs from process to process.
            number = int.from_bytes(hashlib.blake2b(gram.encode(), digest_size=8).digest(), "little")
            vector[number % DIMENSIONS] += (1 if number >> 63 else -1) * (1 + math.log(count)) * len(gram)
        length = float(np.linalg.norm(vector))
        return [float(value) for value in (vector / length if length else vector)]


def embeddings_for(model: str = "", api: str = "", key: str = "") -> tuple[Embeddings, str]:
    """Give the embeddings a setting asks for, with the name their vectors are kept under.

    Without a model: the offline default. With one: an OpenAI-compatible endpoint at `api`.
    Raises KnowledgeError if the extra for that is not installed.
    """
    if not model:
        return HashingEmbeddings(), HashingEmbeddings.name
    try:
        from langchain_openai import OpenAIEmbeddings
    except ImportError as error:
        raise KnowledgeError("embeddings from an endpoint need an extra: pip install 'laoxiang[model]'") from error
    # The length check would fetch a tokenizer from the network; our passages are short.
    embeddings = OpenAIEmbeddings(
        model=model, openai_api_base=api or None, openai_api_key=SecretStr(key), check_embedding_ctx_length=False
    )
    return embeddings, f"openai-{model}"
