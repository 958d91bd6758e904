"""Embeddings behind LangChain's port: an offline default, a local ONNX model, or an endpoint, by one setting.

Nothing is ever downloaded: a model stands in a folder, or was put there before.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from langchain_core.embeddings import Embeddings
from pydantic import SecretStr

from knowledge.errors import KnowledgeError
from knowledge.words import normalise

if TYPE_CHECKING:
    from fastembed import TextEmbedding

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


class OnnxEmbeddings(Embeddings):
    """A sentence-transformers model exported to ONNX, run by fastembed from a folder of this machine.

    The folder holds `model.onnx` (or `onnx/model.onnx`), `tokenizer.json`, `tokenizer_config.json` and
    `config.json`. How tokens become one vector stands in `1_Pooling/config.json` (the mean without it), what is
    written before a question or a passage in `config_sentence_transformers.json`: the two files every
    sentence-transformers model brings along.
    """

    def __init__(self, folder: Path) -> None:
        """Load the model. Raises KnowledgeError if the extra or a file of the model is missing."""
        self._model = _loaded(folder)
        prompts = _told(folder / "config_sentence_transformers.json").get("prompts") or {}
        self._before_question = str(prompts.get("query") or "")
        self._before_passage = str(prompts.get("passage") or prompts.get("document") or "")

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._vectors([self._before_passage + text for text in texts])

    def embed_query(self, text: str) -> list[float]:
        return self._vectors([self._before_question + text])[0]

    def _vectors(self, texts: list[str]) -> list[list[float]]:
        return [[float(value) for value in vector] for vector in self._model.embed(texts, batch_size=32)]


def embeddings_for(model: str = "", api: str = "", key: str = "") -> tuple[Embeddings, str]:
    """Give the embeddings a setting asks for, with the name their vectors are kept under.

    Without a model: the offline default. With `api`: an OpenAI-compatible endpoint. Else `model` is the
    folder of a local ONNX model. Raises KnowledgeError if an extra or the model is missing.
    """
    if not model:
        return HashingEmbeddings(), HashingEmbeddings.name
    if not api:
        folder = Path(model)
        return OnnxEmbeddings(folder), f"onnx-{folder.name}-{_edition(folder)}"
    try:
        from langchain_openai import OpenAIEmbeddings
    except ImportError as error:
        raise KnowledgeError("embeddings from an endpoint need an extra: pip install 'laoxiang[model]'") from error
    # The length check would fetch a tokenizer from the network; our passages are short.
    embeddings = OpenAIEmbeddings(
        model=model, openai_api_base=api, openai_api_key=SecretStr(key), check_embedding_ctx_length=False
    )
    return embeddings, f"openai-{model}"


def _loaded(folder: Path) -> TextEmbedding:
    try:
        from fastembed import TextEmbedding
        from fastembed.common.model_description import ModelSource, PoolingType
    except ImportError as error:
        raise KnowledgeError("a local embedding model needs an extra: pip install 'laoxiang[onnx]'") from error
    file = next((name for name in ("model.onnx", "onnx/model.onnx") if (folder / name).is_file()), None)
    if file is None:
        raise KnowledgeError(
            f"{folder}: no model.onnx here; LAOXIANG_EMBEDDING names the folder of an ONNX model, "
            "or a model of the endpoint in LAOXIANG_EMBEDDING_API"
        )
    name = f"{folder.resolve()}@{_edition(folder)}"
    first = bool(_told(folder / "1_Pooling" / "config.json").get("pooling_mode_cls_token"))
    if not any(known["model"].lower() == name.lower() for known in TextEmbedding.list_supported_models()):
        TextEmbedding.add_custom_model(
            model=name,
            pooling=PoolingType.CLS if first else PoolingType.MEAN,
            normalization=True,
            # fastembed wants a source named; with specific_model_path it is never asked.
            sources=ModelSource(hf=folder.name),
            dim=int(_told(folder / "config.json").get("hidden_size") or 0),
            model_file=file,
        )
    try:
        return TextEmbedding(name, specific_model_path=str(folder), cuda=False, local_files_only=True)
    except Exception as error:
        # onnxruntime, tokenizers and fastembed each raise their own; to the operator it is one fault.
        raise KnowledgeError(f"{folder}: the embedding model can't be loaded ({error})") from error


def _edition(folder: Path) -> str:
    """Tell one edition of a model from the next put in the same folder, by its configuration and size."""
    files = [path for path in (folder / "model.onnx", folder / "onnx" / "model.onnx") if path.is_file()]
    sizes = [path.stat().st_size for path in files]
    return hashlib.sha256(json.dumps([sizes, _told(folder / "config.json")]).encode()).hexdigest()[:8]


def _told(path: Path) -> dict[str, Any]:
    """Read a model's JSON file; empty where there is none. Raises KnowledgeError for a damaged one."""
    if not path.is_file():
        return {}
    try:
        told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise KnowledgeError(f"{path}: not JSON; the embedding model is damaged, copy it again") from error
    return told
