"""Settings from environment variables LAOXIANG_* or a `.env` file; none is needed for the default."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict

PREFIX = "LAOXIANG_"


class BadSettings(Exception):
    """A setting is wrong; the message names each variable and what to do."""


class Settings(BaseSettings):
    """Everything that can be set; docs/configuration.md describes each."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore")

    home: Path = Field(Path(".laoxiang"), description="folder of the state: database, keys, index")
    database: str = Field("", description="SQLAlchemy URL; empty means SQLite under the home")
    county: Path | None = Field(None, description="the county's profile, a TOML file")
    language: Literal["zh-Hans", "en"] = Field("zh-Hans", description="before a person chooses or writes one")

    keys: SecretStr | None = Field(None, description="keys that seal personal data; empty means a file under the home")
    personal_data: Literal["allow", "ask", "handover"] = Field(
        "ask", description="what happens to personal data in channels abroad"
    )
    channels_abroad: str = Field("telegram", description="channels whose servers stand abroad, parted by commas")

    telegram_token: SecretStr | None = Field(None, description="from @BotFather; Telegram is off without it")
    telegram_api: str = Field("https://api.telegram.org", description="base URL of the Bot API server")
    telegram_webhook: str = Field("", description="public https URL; empty means long polling")
    telegram_secret: SecretStr | None = Field(None, description="required with a webhook")
    telegram_gateway: Literal["aiogram", "ptb"] = Field("aiogram", description="library behind the channel")
    telegram_rate: float = Field(
        30.0, ge=0, le=1000, description="messages a second, over all processes; 0 means no limit of our own"
    )
    host: str = Field("127.0.0.1", description="address the web server listens on")
    port: int = Field(8080, ge=1, le=65535, description="port the web server listens on")
    web: bool = Field(True, description="whether the web pages are served")
    web_address: str = Field("", description="public https URL of the pages; makes cookies and links https")
    web_embed: str = Field("", description="sites that may show the chat in a frame, parted by commas")
    web_proxies: str = Field("127.0.0.1", description="proxies whose word for a person's address is believed")
    web_person_rate: int = Field(15, ge=1, description="messages a minute from one person")
    web_address_rate: int = Field(300, ge=1, description="pages and messages a minute from one address")
    web_address_streams: int = Field(40, ge=1, description="open pages that one address may have told of news")
    web_rate: int = Field(3_000, ge=1, description="requests a minute of all together")

    embedding: str = Field("", description="folder of a local ONNX model, or a model of the endpoint below")
    embedding_api: str = Field("", description="base URL of an OpenAI-compatible endpoint for it")
    embedding_key: SecretStr | None = Field(None, description="key for that endpoint")
    embedding_weight: float | None = Field(
        None, ge=0, le=5, description="what vectors weigh in search; empty means 0 offline, 0.5 with a model"
    )

    @field_validator("telegram_api", "telegram_webhook", "embedding_api", "web_address")
    @classmethod
    def _is_a_url(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must be a URL that begins with https:// (or http:// on your own machine)")
        return url.rstrip("/")

    @field_validator("telegram_token")
    @classmethod
    def _is_a_token(cls, token: SecretStr | None) -> SecretStr | None:
        number, _, rest = (token.get_secret_value() if token else "").strip().partition(":")
        if token and (not number.isdecimal() or not rest):
            raise ValueError("must look like 123456:ABC…; copy it from @BotFather again")
        return token

    @model_validator(mode="after")
    def _webhook_has_a_secret(self) -> Settings:
        # Without the secret anybody who finds the URL could speak in any person's name.
        if self.telegram_webhook and not (self.telegram_secret and self.telegram_secret.get_secret_value()):
            raise ValueError(
                f"{PREFIX}TELEGRAM_SECRET: required with {PREFIX}TELEGRAM_WEBHOOK; set it to 16 to 256 "
                "random letters and digits, or unset the webhook to use long polling"
            )
        return self

    @property
    def keys_folder(self) -> Path:
        return self.home / "keys"

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite+aiosqlite:///{(self.home / 'laoxiang.db').absolute()}"


def load_settings() -> Settings:
    """Read the settings. Raises `BadSettings`."""
    try:
        return Settings()
    except ValidationError as error:
        problems = []
        for problem in error.errors():
            message = str(problem["msg"]).removeprefix("Value error, ")
            name = "_".join(str(part) for part in problem["loc"]).upper()
            problems.append(f"{PREFIX}{name}: {message}" if name else message)
        raise BadSettings("\n".join(problems)) from error


def known_settings() -> frozenset[str]:
    """Give the variables that mean something."""
    return frozenset(f"{PREFIX}{name.upper()}" for name in Settings.model_fields)


def set_in_environment() -> frozenset[str]:
    """Give the variables of ours that are set, in the environment or in `.env`."""
    names = {*os.environ, *DotEnvSettingsSource(Settings).env_vars}
    return frozenset(name.upper() for name in names if name.upper().startswith(PREFIX))
