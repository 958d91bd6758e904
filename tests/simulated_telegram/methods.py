"""The Bot API methods that the simulator knows: parameters with their types, the required ones marked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.simulated_telegram.refusal import Refusal

# int, str, bool, chat (a number or @name), json (an object or a list); "!" marks what is required.
METHODS: Mapping[str, str] = {
    "getMe": "",
    "getUpdates": "offset:int limit:int timeout:int allowed_updates:json",
    "setWebhook": "url:str! ip_address:str max_connections:int allowed_updates:json "
    "drop_pending_updates:bool secret_token:str",
    "deleteWebhook": "drop_pending_updates:bool",
    "getWebhookInfo": "",
    "sendMessage": "business_connection_id:str chat_id:chat! message_thread_id:int "
    "direct_messages_topic_id:int text:str! parse_mode:str entities:json link_preview_options:json "
    "disable_notification:bool protect_content:bool allow_paid_broadcast:bool message_effect_id:str "
    "suggested_post_parameters:json reply_parameters:json reply_markup:json",
    "sendDocument": "chat_id:chat! message_thread_id:int document:file! caption:str parse_mode:str reply_markup:json",
    "sendPhoto": "chat_id:chat! message_thread_id:int photo:file! caption:str parse_mode:str reply_markup:json",
    "getFile": "file_id:str!",
    "sendChatAction": "business_connection_id:str chat_id:chat! message_thread_id:int action:str!",
    "answerCallbackQuery": "callback_query_id:str! text:str show_alert:bool url:str cache_time:int",
    "editMessageReplyMarkup": "business_connection_id:str chat_id:chat message_id:int "
    "inline_message_id:str reply_markup:json",
    "editMessageText": "business_connection_id:str chat_id:chat message_id:int inline_message_id:str "
    "text:str! parse_mode:str entities:json link_preview_options:json reply_markup:json",
    "deleteMessage": "chat_id:chat! message_id:int!",
    "setMyCommands": "commands:json! scope:json language_code:str",
    "deleteMyCommands": "scope:json language_code:str",
    "getMyCommands": "scope:json language_code:str",
    "setChatMenuButton": "chat_id:int menu_button:json",
    "setMyName": "name:str language_code:str",
    "setMyDescription": "description:str language_code:str",
    "setMyShortDescription": "short_description:str language_code:str",
}

_TYPES = {
    method: dict(parameter.rstrip("!").split(":") for parameter in parameters.split())
    for method, parameters in METHODS.items()
}
_REQUIRED = {
    method: [parameter.split(":")[0] for parameter in parameters.split() if parameter.endswith("!")]
    for method, parameters in METHODS.items()
}
_NAMES = {method.casefold(): method for method in METHODS}


def method_named(name: str) -> str:
    """Give a method's proper name; the Bot API does not mind the case. Raises Refusal 404."""
    try:
        return _NAMES[name.casefold()]
    except KeyError:
        raise Refusal(404, "Not Found") from None


def parameters_of(method: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Read parameters, from JSON or from a form, into their types.

    Stricter than Telegram, which ignores what it does not know. Raises Refusal 400.
    """
    types = _TYPES[method]
    if unknown := set(given) - set(types):
        raise Refusal(400, f"Bad Request: unknown parameter {sorted(unknown)[0]} of {method}")
    for name in _REQUIRED[method]:
        if given.get(name) in (None, ""):
            what = "message text is empty" if name == "text" else f"parameter {name} is required"
            raise Refusal(400, f"Bad Request: {what}")
    return {name: _read(name, types[name], value) for name, value in given.items()}


def _read(name: str, kind: str, value: Any) -> Any:
    try:
        match kind:
            case "int":
                return int(value)
            case "bool":
                return value if isinstance(value, bool) else {"true": True, "1": True}.get(str(value).lower(), False)
            case "json":
                return json.loads(value) if isinstance(value, str) else value
            case "file":
                # A string is the number of one that was sent before.
                return value if isinstance(value, str) else (value.filename, value.file.read())
            case "chat":
                return value if str(value).startswith("@") else int(value)
    except (TypeError, ValueError, AttributeError) as error:
        raise Refusal(400, f"Bad Request: can't parse {name}: {error}") from error
    if not isinstance(value, str):
        raise Refusal(400, f"Bad Request: {name} must be a string")
    return value
