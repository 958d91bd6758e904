"""Signing in to the console: an invitation becomes an account; a login, a password and a code open a session.

No code is taken twice. After too many failures under a login or from an address, waiting is all that helps; the answer
to a wrong sign-in never tells which part was wrong. Passwords and codes are checked in `credentials`.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers import credentials
from handlers.credentials import Refused, check_password, step_of
from handlers.desk import Office
from storage import console_accounts, staff
from storage.console_accounts import Session
from storage.database import Connection
from storage.errors import Conflict, StorageError
from storage.staff import Viewer

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
# Failures within `WINDOW` after which nothing more is tried: under one login, from one address.
WINDOW, PER_LOGIN, PER_ADDRESS = timedelta(minutes=15), 5, 30
LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,39}")
SEEN_EVERY = timedelta(minutes=1)  # a busy session is written down no oftener
SECRET = "console.invitation"  # noqa: S105 - what a sealed secret is about, no secret


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation's page shows: whose role it is, and the secret for the person's code app.

    `sealed` carries the secret through the form; `link` is what the app reads (otpauth), to be shown as a QR code.
    """

    viewer: Viewer
    secret: str
    sealed: str
    link: str


async def offer(office: Office, code: str, *, sealed: str = "", login: str = "") -> Offer:
    """Open an invitation, with the secret it was shown with or a new one. Raises Refused for one that is no good."""
    import pyotp

    async with office.database.read() as connection:
        viewer = await staff.invited(connection, code, office.clock.now())
    if viewer is None:
        raise Refused("invitation")
    secret = _secret_in(office, sealed, code) if sealed else pyotp.random_base32()
    link = pyotp.TOTP(secret).provisioning_uri(name=login or viewer.role.value, issuer_name=office.county.name)
    return Offer(viewer, secret, sealed or office.database.vault.seal(secret, _about(code)), link)


async def accept(office: Office, code: str, *, sealed: str, login: str, password: str, again: str, digits: str) -> str:
    """Make an account of an invitation and give the token of its first session. Raises Refused."""
    at = office.clock.now()
    login = login.strip().lower()
    offered = await offer(office, code, sealed=sealed)
    if not LOGIN.fullmatch(login):
        raise Refused("login")
    if password != again:
        raise Refused("again")
    check_password(password, login)
    step = step_of(offered.secret, digits, at)
    if step is None:
        raise Refused("first_code")
    hashed = await credentials.hashed(password)
    token = _token()
    try:
        async with office.database.write() as connection:
            viewer = await console_accounts.create(
                connection,
                code,
                login=login,
                password_hash=hashed,
                totp=offered.secret,
                totp_step=step,
                at=at,
            )
            await console_accounts.open_session(connection, viewer.id, token, at=at, ends_at=at + LONGEST)
            await staff.audit(connection, viewer, "made a console account", at, detail={"login": login})
    except Conflict as error:
        raise Refused("taken" if "taken" in str(error) else "invitation") from error
    return token


async def sign_in(
    office: Office, login: str, password: str, digits: str, *, address: str, browser: str = ""
) -> tuple[str, str]:
    """Give the token of a new session, and what this browser proves by later that it was let in once (`browser`).

    Raises Refused, with seconds to wait after too many failures. A browser that proves it is counted by itself: who
    knows a colleague's login can lock out everybody else under it, but not the colleague (OWASP, device cookies).
    """
    at, login = office.clock.now(), login.strip().lower()[:80]
    known = _is_known(office, login, browser)
    keys = (
        [("browser", browser, PER_LOGIN)]
        if known
        else [("login", login, PER_LOGIN), ("address", network_of(address), PER_ADDRESS)]
    )
    async with office.database.write() as connection:
        tried = await note_try(connection, keys, at)
        account = await console_accounts.by_login(connection, login)
    # An unknown login takes as long as a wrong password.
    try:
        fits = await credentials.verified(account.password_hash if account else await credentials.nobodys(), password)
    except Refused:
        # The door was full: nothing was judged.
        async with office.database.write() as connection:
            await console_accounts.forget_tries(connection, tried)
        raise
    step = step_of(account.totp, digits, at) if account else None
    if account is None or not fits or step is None:
        raise Refused("wrong")
    token = _token()
    try:
        async with office.database.write() as connection:
            await console_accounts.sign_in(
                connection, account.viewer.id, token, totp_step=step, at=at, ends_at=at + LONGEST
            )
            await console_accounts.forget_failures(connection, *keys[0][:2])
            await console_accounts.forget_tries(connection, tried)
            await staff.audit(connection, account.viewer, "signed in", at)
    except Conflict as error:
        raise Refused("wrong") from error
    return token, browser if known else _proof(office, login)


async def note_try(connection: Connection, keys: Sequence[tuple[str, str, int]], at: datetime) -> list[int]:
    """Count a try under each of some keys before it is judged, and give what to forget it by. Raises Refused."""
    tried, first = await console_accounts.note_try(connection, keys, at, WINDOW)
    if first is not None:
        raise Refused("wait", retry_after=max(1, int((first + WINDOW - at).total_seconds())))
    return tried


def network_of(address: str) -> str:
    """Give by what an address is counted: IPv6 by its /64, which is one household's or one server's."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(read, ipaddress.IPv4Address):
        return address
    return str(read.ipv4_mapped or ipaddress.ip_network((read, 64), strict=False))


async def session(office: Office, token: str) -> Session | None:
    """Give who is signed in with a token, and note that they are there; None once idle or too long."""
    if not token:
        return None
    at = office.clock.now()
    async with office.database.read() as connection:
        found = await console_accounts.session(connection, token)
    if found is None:
        return None
    if at >= found.ends_at or at - found.seen_at >= IDLE:
        await sign_out(office, token)
        return None
    if at - found.seen_at >= SEEN_EVERY:
        async with office.database.write() as connection:
            await console_accounts.note_seen(connection, token, at)
    return found


async def sign_out(office: Office, token: str) -> None:
    """End a session."""
    async with office.database.write() as connection:
        await console_accounts.close_session(connection, token)


def _proof(office: Office, login: str) -> str:
    nonce = secrets.token_urlsafe(16)
    return f"{nonce}.{office.database.vault.blind('sign-in.proof', f'{login} {nonce}')}"


def _is_known(office: Office, login: str, browser: str) -> bool:
    """Tell whether a browser was let in under a login before."""
    nonce, _, told = browser.partition(".")
    proof = office.database.vault.blind("sign-in.proof", f"{login} {nonce}")
    return secrets.compare_digest(told.encode(), proof.encode())


def _secret_in(office: Office, sealed: str, code: str) -> str:
    try:
        return office.database.vault.open(sealed, _about(code))
    except (StorageError, ValueError) as error:
        raise Refused("invitation") from error


def _about(code: str) -> str:
    # Bound to its invitation: a secret sealed for one opens in no other's form.
    return f"{SECRET}.{''.join(code.split()).replace('-', '').upper()}"


def _token() -> str:
    return secrets.token_urlsafe(32)
