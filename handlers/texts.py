"""Words people read: one catalogue for each language, beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("texts")
DEFAULT_LANGUAGE = "zh-Hans"


class Texts:
    """Give the words for a key in a language: `texts("door.more", "en", count=2)`.

    Catalogues are TOML files named for their language ("en.toml"), or for a subject and their language
    ("forms.en.toml"); nested tables make dotted keys.
    """

    def __init__(self, catalogues: Mapping[str, Mapping[str, str]]) -> None:
        self._catalogues = catalogues

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Texts:
        """Read every catalogue of a folder."""
        catalogues: dict[str, dict[str, str]] = {}
        for path in sorted(folder.glob("*.toml")):
            language = path.stem.rpartition(".")[2]
            catalogues.setdefault(language, {}).update(_flatten(tomllib.loads(path.read_text(encoding="utf-8"))))
        return cls(catalogues)

    def __call__(self, key: str, language: str, **params: object) -> str:
        """Give the text with its placeholders filled. An unknown language reads the default one.

        Raises KeyError for a key that stands in no catalogue.
        """
        catalogue = self._catalogues.get(language) or self._catalogues[DEFAULT_LANGUAGE]
        return catalogue[key].format_map(params)

    def has(self, key: str) -> bool:
        """Tell whether the catalogues know a key (a test keeps them equally complete)."""
        return key in self._catalogues[DEFAULT_LANGUAGE]

    @property
    def languages(self) -> tuple[str, ...]:
        """Give the languages there are, the default one first."""
        return tuple(sorted(self._catalogues, key=lambda language: (language != DEFAULT_LANGUAGE, language)))

    def keys(self, language: str) -> Mapping[str, str]:
        """Give a whole catalogue, unfilled."""
        return self._catalogues[language]


def _flatten(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    flat: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            flat.extend(_flatten(value, f"{prefix}{key}."))
        else:
            flat.append((prefix + key, str(value).strip("\n")))
    return flat
