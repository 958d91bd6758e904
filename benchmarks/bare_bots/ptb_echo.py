"""An echo bot as python-telegram-bot's documentation writes it, updates dealt with at once; nothing stored."""

from __future__ import annotations

import os

from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters


async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message is not None:
        await update.message.reply_text(update.message.text or "")


def main() -> None:
    application = (
        ApplicationBuilder()
        .token(os.environ["LAOXIANG_TELEGRAM_TOKEN"])
        .base_url(f"{os.environ['LAOXIANG_TELEGRAM_API']}/bot")
        .concurrent_updates(True)
        .build()
    )
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling()


if __name__ == "__main__":
    main()
