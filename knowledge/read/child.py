"""What a reading child does with one file: read it, or list an archive; the answer is JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from knowledge.read import Unreadable
from knowledge.read.archives import list_members, member_bytes
from knowledge.read.engines import NeedsEngine
from knowledge.read.formats import read_bytes
from knowledge.read.limits import Limits, confine


def attend(request: dict[str, Any]) -> bytes:
    """Do what is asked under its limits. Whatever goes wrong is an answer too."""
    limits = Limits(**request["limits"])
    confine(limits.for_engine(request["engine"]))
    try:
        told = _list(request, limits) if request["task"] == "list" else _read(request, limits)
    except NeedsEngine as need:
        told = {"needs": need.engine}
    except Unreadable as refusal:
        told = {"reason": refusal.reason, "message": str(refusal)}
    except MemoryError:
        told = {"reason": "too_large", "message": f"needs more than {limits.memory_mb} MB of memory; split it"}
    except Exception as error:  # noqa: BLE001 - a hostile file finds every fault of a parser
        complaint = f"{type(error).__name__}: {error}"[:200]
        told = {"reason": "broken", "message": f"its reader failed ({complaint}); open it and save it again"}
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")


def _read(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    data = Path(request["path"]).read_bytes()
    if request["member"] is not None:
        data = member_bytes(data, request["member"], limits)
    reading = read_bytes(data, request["name"], limits, request["engine"], request["workshop"])
    return {
        "format": reading.format,
        "title": reading.title,
        "warnings": reading.warnings,
        "blocks": [(b.kind.value, b.text, b.level, b.page, b.rows, b.sheet) for b in reading.blocks],
    }


def _list(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    members, refused, manifests = list_members(Path(request["path"]).read_bytes(), limits)
    return {"members": members, "refused": refused, "manifests": manifests}
