"""Files the assistant must not take: a broken, an empty and an encrypted one, and one that it has already."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from samples.build.pages import assembled

ORIGINAL = "清岚县投资项目全程代办服务规程.txt"
DUPLICATE = "全程代办规程（最终版）.txt"
WHOLE = "清岚县人才安居实施细则.docx"
BROKEN = "人才安居实施细则（传输中断）.docx"
EMPTY = "会议通知.txt"
ENCRYPTED = "项目会商材料（加密）.pdf"
PASSWORD = b"qinglan"

# ISO 32000-1, 7.6.3.3: what a short password is filled up with.
_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_PERMISSIONS = -44
_IDENTITY = hashlib.md5(b"qinglan sample").digest()  # noqa: S324 - an identity, and the cipher of the format


def write_refused(folder: Path, documents: Path) -> None:
    """Write the four files; two are made from files of the county."""
    shutil.copyfile(documents / ORIGINAL, folder / DUPLICATE)
    whole = (documents / WHOLE).read_bytes()
    (folder / BROKEN).write_bytes(whole[: len(whole) * 6 // 10])
    (folder / EMPTY).write_bytes(b"")
    (folder / ENCRYPTED).write_bytes(_encrypted())


def _encrypted() -> bytes:
    """Write a page behind a password (standard security handler, revision 2, 40-bit RC4)."""
    padded = (PASSWORD + _PADDING)[:32]
    owner = _rc4(_md5(padded)[:5], padded)
    key = _md5(padded + owner + _PERMISSIONS.to_bytes(4, "little", signed=True) + _IDENTITY)[:5]
    user = _rc4(key, _PADDING)
    content = _rc4(_md5(key + (4).to_bytes(3, "little") + bytes(2))[:10], b"BT /F1 12 Tf 70 700 Td (closed) Tj ET")
    lock = b"<< /Filter /Standard /V 1 /R 2 /O <%b> /U <%b> /P %d >>" % (
        owner.hex().encode(),
        user.hex().encode(),
        _PERMISSIONS,
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        lock,
    ]
    identity = _IDENTITY.hex().encode()
    return assembled(objects, b" /Encrypt 6 0 R /ID [<%b> <%b>]" % (identity, identity))


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data).digest()  # noqa: S324 - the format's own


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
