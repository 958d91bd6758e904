"""The Telegram channel put together from the settings and the county's words."""

from __future__ import annotations

from bot.channels.gateways import gateway_for
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_profile import Profile
from bot.channels.telegram_updates import CHANNEL
from bot.channels.telegram_webhook import Webhook
from bot.delivery.pace import Pace
from bot.settings import Settings
from handlers.desk import Office
from handlers.voice import Voice

COMMANDS = (
    "start",
    "ask",
    "book",
    "mybookings",
    "events",
    "topics",
    "register",
    "person",
    "mydata",
    "privacy",
    "language",
    "cancel",
    "help",
)
# A group is no place for anything personal.
GROUP_COMMANDS = ("ask", "help")


def telegram_channel(settings: Settings, office: Office) -> TelegramChannel | None:
    """Give the channel, or None without a token. Raises ChannelError for settings Telegram would refuse."""
    if settings.telegram_token is None:
        return None
    gateway = gateway_for(settings.telegram_gateway, settings.telegram_token.get_secret_value(), settings.telegram_api)
    secret = settings.telegram_secret.get_secret_value() if settings.telegram_secret else ""
    webhook = Webhook(settings.telegram_webhook, secret) if settings.telegram_webhook else None
    profiles = [_profile(Voice(office, language)) for language in office.texts.languages]
    return TelegramChannel(
        gateway, office.texts, profiles=profiles, webhook=webhook, pace=telegram_pace(settings, office)
    )


def telegram_pace(settings: Settings, office: Office) -> Pace | None:
    """Give the pace of the bot; None where it has no limit."""
    return Pace(office.database, CHANNEL, settings.telegram_rate) if settings.telegram_rate else None


def _profile(voice: Voice) -> Profile:
    return Profile(
        language=voice.language,
        commands={name: voice.text(f"command.{name}") for name in COMMANDS},
        group_commands={name: voice.text(f"command.{name}") for name in GROUP_COMMANDS},
        description=voice.text("profile.description"),
        about=voice.text("profile.about"),
    )
