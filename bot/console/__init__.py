"""The staff's console: server-drawn pages under /console; every rule lives in handlers/, every look-up has a viewer."""

from __future__ import annotations

from fastapi import APIRouter

from bot.console import (
    account_pages,
    announcement_pages,
    dashboard_pages,
    document_pages,
    event_pages,
    people_pages,
    question_pages,
    setting_pages,
    sign_in_pages,
    slot_pages,
    upload_pages,
)

# In this order: of two addresses that fit, the first is served.
PAGES = (
    sign_in_pages,
    account_pages,
    dashboard_pages,
    question_pages,
    upload_pages,
    document_pages,
    people_pages,
    slot_pages,
    event_pages,
    announcement_pages,
    setting_pages,
)

router = APIRouter()
for pages in PAGES:
    router.include_router(pages.router, prefix="/console")
