"""What somebody sees when a request can't be served: a page in their language with a way on, or JSON for a program."""

from __future__ import annotations

import logging

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.web.limits import TooMany
from bot.web.pages import page, words

log = logging.getLogger(__name__)

# Statuses with words of their own; all others are told as the nearest of them.
TOLD = (400, 403, 404, 409, 410, 413, 429, 500, 503)


class Declined(HTTPException):
    """What was asked can't be done now; `key` names the words that say why and what to do."""

    def __init__(self, status: int, key: str) -> None:
        super().__init__(status, key)
        self.key = key


def install(web: FastAPI) -> None:
    """Have every failure answered here."""
    web.add_exception_handler(HTTPException, _refused)
    web.add_exception_handler(RequestValidationError, _misunderstood)
    web.add_exception_handler(Exception, _failed)


def failure(request: Request, status: int, *, message: str = "", headers: dict[str, str] | None = None) -> Response:
    """Answer with a failure: what happened and what to do next."""
    told = _told(status)
    message = message or words(request, f"web.error.{told}")
    if _wants_json(request):
        return JSONResponse({"error": {"status": status, "message": message}}, status, headers)
    title = words(request, f"web.error.title_{told}")
    return page(request, "error.html", status=status, headers=headers, title=title, message=message)


def message_of(request: Request, error: HTTPException) -> str:
    """Say why a request was refused, and what to do next."""
    key = error.key if isinstance(error, Declined) else f"web.error.{_told(error.status_code)}"
    return words(request, key, wait_s=error.wait_s if isinstance(error, TooMany) else 0)


def _told(status: int) -> int:
    return status if status in TOLD else (500 if status >= 500 else 400)


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    return failure(request, error.status_code, message=message_of(request, error), headers=headers)


async def _misunderstood(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    # Which fields, never what was in them.
    fields = ", ".join(".".join(str(part) for part in problem["loc"]) for problem in error.errors())
    log.info("web.misunderstood", extra={"path": request.url.path, "fields": fields})
    return failure(request, 422 if _wants_json(request) else 400)


async def _failed(request: Request, error: Exception) -> Response:
    log.error("web.failed", extra={"path": request.url.path}, exc_info=error)
    return failure(request, 500)


def _wants_json(request: Request) -> bool:
    return request.url.path.startswith("/api/") or request.headers.get("accept", "").startswith("application/json")
