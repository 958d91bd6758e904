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
TOLD = (400, 403, 404, 410, 413, 429, 500, 503)


def install(web: FastAPI) -> None:
    """Have every failure answered here."""
    web.add_exception_handler(HTTPException, _refused)
    web.add_exception_handler(RequestValidationError, _misunderstood)
    web.add_exception_handler(Exception, _failed)


def failure(request: Request, status: int, *, wait_s: int = 0, headers: dict[str, str] | None = None) -> Response:
    """Answer with a failure: what happened and what to do next."""
    told = status if status in TOLD else (500 if status >= 500 else 400)
    message = words(request, f"web.error.{told}", wait_s=wait_s)
    if _wants_json(request):
        return JSONResponse({"error": {"status": status, "message": message}}, status, headers)
    title = words(request, f"web.error.title_{told}")
    return page(request, "error.html", status=status, headers=headers, title=title, message=message)


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    wait_s = error.wait_s if isinstance(error, TooMany) else 0
    return failure(request, error.status_code, wait_s=wait_s, headers=dict(error.headers or {}))


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
