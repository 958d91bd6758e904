"""What identifies a person is sealed before it is stored, and opened when it is read; look-ups go by a blind index.

AES-256-GCM with a random nonce; every sealed text names its key, so that keys can be changed while both are at
hand. The keys stand outside the database: a copy of the database alone tells nothing about anybody.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from storage.errors import StorageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PREFIX = "s1"  # the form of a sealed text: s1.KEY.BASE64(nonce + text + tag)
NONCE_BYTES, KEY_BYTES = 12, 32
FILE = "personal.keys"


class KeysMissing(StorageError):
    """Something was sealed with a key that is not here; the message says which and where it should be."""


class Vault:
    """Seals and opens texts. The last of `keys` (by their ids) seals; any of them opens."""

    def __init__(self, keys: Mapping[str, bytes], index_key: bytes, *, created: bool = False) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._ciphers: dict[str, AESGCM] = {name: AESGCM(key) for name, key in keys.items()}
        self._newest = list(keys)[-1]
        self._index_key = index_key
        self.created = created  # just now: nothing can have been sealed with it

    @property
    def newest(self) -> str:
        """Give the id of the key that seals."""
        return self._newest

    @property
    def keys(self) -> tuple[str, ...]:
        """Give the ids of all keys at hand."""
        return tuple(self._ciphers)

    def seal(self, text: str, about: str) -> str:
        """Seal a text. `about` names its column: a sealed text moved elsewhere does not open there."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._newest].encrypt(nonce, text.encode(), about.encode())
        return f"{PREFIX}.{self._newest}.{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, about: str) -> str:
        """Give a sealed text back. Raises KeysMissing, or StorageError for one that was tampered with."""
        from cryptography.exceptions import InvalidTag

        prefix, _, rest = sealed.partition(".")
        name, _, content = rest.partition(".")
        if prefix != PREFIX:
            raise StorageError(f"{about} holds something that was never sealed; run 'laoxiang check'")
        if name not in self._ciphers:
            raise KeysMissing(
                f"{about} was sealed with key {name}, which is not here; put the key file of this database back "
                "under LAOXIANG_HOME/keys, or set LAOXIANG_KEYS"
            )
        raw = base64.b64decode(content)
        try:
            return self._ciphers[name].decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], about.encode()).decode()
        except InvalidTag as error:
            raise StorageError(f"{about} was changed outside of the assistant and can't be opened") from error

    def blind(self, kind: str, value: str) -> str:
        """Give what a value is looked up by: the same for the same value, and telling nothing about it (HMAC)."""
        return hmac.new(self._index_key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()[:32]

    @classmethod
    def load(cls, folder: Path, given: str = "") -> Vault:
        """Read the keys from a setting, or from the file in a folder, which is made when there is none."""
        if given:
            return _parsed(given.replace(",", "\n"), "LAOXIANG_KEYS")
        file = folder / FILE
        try:
            return _parsed(file.read_text("ascii"), str(file))
        except FileNotFoundError:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(file, f"index {_fresh()}\nseal {secrets.token_hex(3)} {_fresh()}\n", anew=True)
        vault = _parsed(file.read_text("ascii"), str(file))
        vault.created = True
        return vault

    @classmethod
    @functools.cache
    def of_this_process(cls) -> Vault:
        """Give a vault whose keys end with this process: for databases nobody else shall ever read."""
        return cls({secrets.token_hex(3): os.urandom(KEY_BYTES)}, os.urandom(KEY_BYTES))


def add_key(folder: Path) -> str:
    """Add a new key to the file, which seals from now on; give its id. The older ones still open."""
    file = folder / FILE
    text = file.read_text("ascii")
    name = secrets.token_hex(3)
    _write(file, f"{text.rstrip()}\nseal {name} {_fresh()}\n")
    return name


def drop_old_keys(folder: Path) -> int:
    """Remove all but the newest key once nothing is sealed with the others; give how many went."""
    file = folder / FILE
    lines = file.read_text("ascii").splitlines()
    seals = [line for line in lines if line.startswith("seal ")]
    others = [line for line in lines if not line.startswith("seal ")]
    _write(file, "\n".join([*others, seals[-1]]) + "\n")
    return len(seals) - 1


def _parsed(text: str, source: str) -> Vault:
    keys: dict[str, bytes] = {}
    index_key = b""
    try:
        for line in text.splitlines():
            match line.split():
                case ["index", key]:
                    index_key = base64.b64decode(key, validate=True)
                case ["seal", name, key]:
                    keys[name] = base64.b64decode(key, validate=True)
                case []:
                    continue
                case _:
                    raise ValueError(line[:8])  # noqa: TRY301 - one message for every line that is wrong
    except ValueError as error:
        raise StorageError(f"{source} is not a key file; each line is 'index KEY' or 'seal ID KEY'") from error
    if not keys or {len(key) for key in (index_key, *keys.values())} != {KEY_BYTES}:
        raise StorageError(f"{source} needs one index key and at least one seal key of {KEY_BYTES} bytes in base64")
    return Vault(keys, index_key)


def _write(file: Path, text: str, *, anew: bool = False) -> None:
    """Write a key file for its owner alone, whole or not at all."""
    aside = file.with_suffix(f".{os.getpid()}.new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    if not anew:
        aside.replace(file)
        return
    try:
        # Two processes that start at once must end up with the same keys: the first link wins.
        os.link(aside, file)
    except FileExistsError:
        pass
    finally:
        aside.unlink()


def _fresh() -> str:
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()
