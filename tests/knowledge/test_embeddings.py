"""Embedding models by setting: a local ONNX model made here, an endpoint over loopback; nothing is downloaded."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from handlers.library import Library
from handlers.shelf import Embedding
from knowledge.embeddings import embeddings_for
from knowledge.errors import KnowledgeError
from storage.database import Database

TODAY = date(2026, 11, 24)
CHARACTERS = ["[PAD]", "[UNK]", "租", "金", "房", "补", "贴", "学", "校", "捐", "赠"]


def tiny_model(folder: Path, dimensions: int = 8, *, query_prompt: str = "") -> Path:
    """Make a model as sentence-transformers exports them: one random vector a character, and their mean."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Split

    folder.mkdir(parents=True)
    table = np.random.default_rng(dimensions).normal(size=(len(CHARACTERS), dimensions)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])],
        "tiny",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "tokens", dimensions])],
        [numpy_helper.from_array(table, "table")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(folder / "model.onnx"))
    tokenizer = Tokenizer(WordLevel({token: number for number, token in enumerate(CHARACTERS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Split("", "isolated")
    tokenizer.save(str(folder / "tokenizer.json"))
    told = {
        "config.json": {"hidden_size": dimensions, "pad_token_id": 0},
        "tokenizer_config.json": {"model_max_length": 64, "pad_token": "[PAD]"},
        "special_tokens_map.json": {"pad_token": "[PAD]", "unk_token": "[UNK]"},
        "config_sentence_transformers.json": {"prompts": {"query": query_prompt}},
    }
    for name, content in told.items():
        (folder / name).write_text(json.dumps(content), "utf-8")
    return folder


class Endpoint:
    """An OpenAI-compatible embeddings endpoint that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failing = False
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                texts = body["input"]
                endpoint.asked += texts
                rows = [{"object": "embedding", "index": n, "embedding": vector(t)} for n, t in enumerate(texts)]
                answer = {"object": "list", "model": body["model"], "data": rows, "usage": {}}
                self.send_response(500 if endpoint.failing else 200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def vector(text: str) -> list[float]:
    """Know one meaning: tenants and rents are the same thing."""
    renting = any(word in text for word in ("租", "tenant"))
    return [1.0, 0.0, 0.1] if renting else [0.0, 1.0, 0.1]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    yield endpoint
    endpoint.close()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "rent.txt").write_text(
        "关于租金补贴的办法\n第一条 厂房租金每月每平方米补贴2元。\n第二条 捐赠应当自愿。", "utf-8"
    )
    (folder / "school.txt").write_text("关于入学的办法\n第一条 学校由教育局安排。\n第二条 转学提交证明。", "utf-8")
    return folder


async def opened(home: Path, embedding: Embedding) -> tuple[Database, Library]:
    home.mkdir(exist_ok=True)
    database = await Database.open(f"sqlite+aiosqlite:///{home / 'laoxiang.db'}")
    await database.migrate()
    return database, await Library.open(database, home, embedding)


def top(library: Library, question: str) -> Sequence[str]:
    return [hit.document.file for hit in library.search(question, on=TODAY)][:1]


def test_a_local_model_embeds_without_a_network(tmp_path: Path):
    embeddings, name = embeddings_for(str(tiny_model(tmp_path / "tiny")))

    rent, same, other = embeddings.embed_documents(["租金补贴", "补贴租金", "学校"])

    assert name.startswith("onnx-tiny-")
    assert len(rent) == 8
    assert rent == pytest.approx(same, abs=1e-5)
    assert np.dot(rent, rent) == pytest.approx(1, abs=1e-5)
    assert np.dot(rent, other) < 0.9


def test_a_model_that_wants_words_before_a_question_gets_them(tmp_path: Path):
    plain, _ = embeddings_for(str(tiny_model(tmp_path / "plain")))
    prompted, _ = embeddings_for(str(tiny_model(tmp_path / "prompted", query_prompt="捐赠")))

    assert prompted.embed_documents(["租金"])[0] == pytest.approx(plain.embed_documents(["租金"])[0], abs=1e-5)
    assert prompted.embed_query("租金") == pytest.approx(plain.embed_query("捐赠租金"), abs=1e-5)


@pytest.mark.parametrize("damage", ["model.onnx", "tokenizer.json", "config.json"])
def test_a_damaged_model_is_named_with_its_folder(tmp_path: Path, damage: str):
    folder = tiny_model(tmp_path / "tiny")
    (folder / damage).write_bytes(b"nothing of the kind")

    with pytest.raises(KnowledgeError, match="tiny"):
        embeddings_for(str(folder))


def test_a_folder_without_a_model_says_what_the_setting_wants(tmp_path: Path):
    with pytest.raises(KnowledgeError, match="LAOXIANG_EMBEDDING names the folder"):
        embeddings_for(str(tmp_path))


async def test_an_endpoint_finds_what_shares_no_word(tmp_path: Path, files: Path, endpoint: Endpoint):
    database, library = await opened(tmp_path / "home", Embedding("some-model", endpoint.url, "key", 0.5))
    await library.index([files])

    assert top(library, "tenant") == ["rent.txt"]
    await library.close()
    await database.close()


async def test_words_embedded_once_are_not_embedded_again(tmp_path: Path, files: Path, endpoint: Endpoint):
    database, library = await opened(tmp_path / "home", Embedding("some-model", endpoint.url, "key", 0.5))
    await library.index([files])
    first = len(endpoint.asked)
    (files / "rent.txt").rename(files / "renamed.txt")
    (files / "school.txt").write_text("关于入学的办法\n第一条 学校由教育局安排。\n第二条 转学提交学籍证明。", "utf-8")

    await library.index([files])

    assert first == 4
    assert [text.rsplit("\n", 1)[-1] for text in endpoint.asked[first:]] == ["第二条 转学提交学籍证明。"]
    await library.close()
    await database.close()


async def test_another_model_answers_from_words_until_its_vectors_are_made(
    tmp_path: Path, files: Path, endpoint: Endpoint
):
    home = tmp_path / "home"
    database, library = await opened(home, Embedding(str(tiny_model(tmp_path / "tiny")), weight=0.5))
    await library.index([files])
    await library.close()
    await database.close()

    database, library = await opened(home, Embedding("some-model", endpoint.url, "key", 0.5))
    assert top(library, "租金") == ["rent.txt"]
    assert top(library, "tenant") == []
    await library.keep_vectors()
    assert top(library, "tenant") == ["rent.txt"]
    await library.close()
    await database.close()


async def test_an_endpoint_that_fails_leaves_answers_to_words(tmp_path: Path, files: Path, endpoint: Endpoint):
    endpoint.failing = True
    database, library = await opened(tmp_path / "home", Embedding("some-model", endpoint.url, "key", 0.5))

    report = await library.index([files])

    assert [entry.status for entry in report.entries] == ["added", "added"]
    assert top(library, "租金") == ["rent.txt"]
    await library.close()
    await database.close()
