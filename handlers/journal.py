"""The journal of one conversation: what was answered under which key, and in whose words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

CHANNEL, CONSENT, REVIEW = "channel", "consent", "review"  # keys that are no field of a form
SAID_LONGEST = 2000  # characters kept of words that answered nothing yet


class Journal:
    """Answers in order. Entries are JSON: {"value", "said"?}, {"said"} under "~key", or {"dropped": true}.

    What is not an answer yet stands under "?key": {"picked": [ids]} or {"unsure": value}. A dropped answer
    leaves its mark, so that it is asked for again instead of found again in old words.
    """

    def __init__(self, entries: Mapping[str, Any]) -> None:
        self._entries: dict[str, Any] = dict(entries)

    def has(self, key: str) -> bool:
        return "value" in self._entries.get(key, {})

    def was_dropped(self, key: str) -> bool:
        return "dropped" in self._entries.get(key, {})

    def value(self, key: str) -> Any:
        """Give the recorded value, or None."""
        return self._entries.get(key, {}).get("value")

    def record(self, key: str, value: Any, said: str = "") -> None:
        """Record an answer and the words it was read from, where other answers may stand too."""
        self._entries.pop(f"?{key}", None)
        self._entries[key] = {"value": value, "said": said} if said else {"value": value}

    def keep(self, key: str, said: str) -> None:
        """Keep words that did not answer this question: they may answer the next one."""
        self._entries[f"~{key}"] = {"said": said[:SAID_LONGEST]}

    def pick(self, key: str, picked: Sequence[str]) -> None:
        """Note what is ticked so far where several may be."""
        self._entries[f"?{key}"] = {"picked": list(picked)}

    def picked(self, key: str) -> list[str]:
        return list(self._entries.get(f"?{key}", {}).get("picked", ()))

    def doubt(self, key: str, value: Any) -> None:
        """Note a value the person is asked to confirm."""
        self._entries[f"?{key}"] = {"unsure": value}

    def doubted(self, key: str) -> Any:
        return self._entries.get(f"?{key}", {}).get("unsure")

    def settle(self, key: str) -> None:
        """Forget what is not an answer yet."""
        self._entries.pop(f"?{key}", None)

    def mark(self, what: str) -> None:
        """Note that something was done in this conversation, which going back does not undo."""
        self._entries[f"!{what}"] = {"marked": True}

    def is_marked(self, what: str) -> bool:
        return f"!{what}" in self._entries

    def drop(self, key: str) -> None:
        self._entries.pop(f"?{key}", None)
        self._entries[key] = {"dropped": True}

    def forget(self, key: str) -> None:
        """Remove an entry without a trace."""
        self._entries.pop(key, None)

    def said(self) -> Iterator[str]:
        """Give everything the person has said in this conversation."""
        return (entry["said"] for entry in list(self._entries.values()) if "said" in entry)

    def answered(self) -> list[str]:
        """Give the keys of the answers so far, in order."""
        return [key for key, entry in self._entries.items() if "value" in entry]

    def last(self) -> str | None:
        return next(reversed(self.answered()), None)

    def entries(self) -> dict[str, Any]:
        return dict(self._entries)
