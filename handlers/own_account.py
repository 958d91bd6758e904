"""What members of staff change of their own account: the password, the app for codes; by the password and a code.

Every other browser of theirs is signed out with it, so that a change also ends what somebody else may have opened.
"""

from __future__ import annotations

from handlers import credentials
from handlers.credentials import Refused, check_password, step_of
from handlers.desk import Office
from handlers.sign_in import PER_LOGIN, Offer, note_try
from storage import console_accounts, staff
from storage.console_accounts import Session
from storage.errors import Conflict, StorageError

ABOUT = "console.own"


def offer_app(office: Office, who: Session, sealed: str = "") -> Offer:
    """Give the secret for a new app: the one a form was shown with, or a new one. Raises Refused for a foreign one."""
    import pyotp

    about, vault = f"{ABOUT}.{who.viewer.id}", office.database.vault
    try:
        secret = vault.open(sealed, about) if sealed else pyotp.random_base32()
    except (StorageError, ValueError) as error:
        raise Refused("own_app") from error
    link = pyotp.TOTP(secret).provisioning_uri(name=who.login, issuer_name=office.county.name)
    return Offer(who.viewer, secret, sealed or vault.seal(secret, about), link)


async def change_password(
    office: Office, who: Session, token: str, *, password: str, digits: str, new: str, again: str
) -> None:
    """Change one's own password. Raises Refused."""
    if new != again:
        raise Refused("again")
    check_password(new, who.login)
    step, tried = await _proved(office, who, password, digits)
    hashed = await credentials.hashed(new)
    await _store(office, who, token, "changed the password", step, tried, password_hash=hashed)


async def change_app(
    office: Office, who: Session, token: str, *, password: str, digits: str, sealed: str, new_digits: str
) -> None:
    """Change the app one's codes come from, by a code of the old and one of the new. Raises Refused."""
    offered, at = offer_app(office, who, sealed), office.clock.now()
    first = step_of(offered.secret, new_digits, at)
    if not sealed or first is None:
        raise Refused("first_code")
    step, tried = await _proved(office, who, password, digits)
    await _store(office, who, token, "changed the code app", step, tried, totp=offered.secret, totp_step=first)


async def _proved(office: Office, who: Session, password: str, digits: str) -> tuple[int, list[int]]:
    """Give the step of a right code beside the right password, and the tries to forget. Raises Refused."""
    at = office.clock.now()
    async with office.database.write() as connection:
        tried = await note_try(connection, [("own account", who.viewer.id, PER_LOGIN)], at)
        account = await console_accounts.by_login(connection, who.login)
    if account is None or not await credentials.verified(account.password_hash, password):
        raise Refused("own_wrong")
    step = step_of(account.totp, digits, at)
    if step is None:
        raise Refused("own_wrong")
    return step, tried


async def _store(
    office: Office,
    who: Session,
    token: str,
    action: str,
    step: int,
    tried: list[int],
    *,
    password_hash: str | None = None,
    totp: str | None = None,
    totp_step: int | None = None,
) -> None:
    try:
        async with office.database.write() as connection:
            await console_accounts.change(
                connection,
                who.viewer.id,
                used_step=step,
                password_hash=password_hash,
                totp=totp,
                totp_step=totp_step,
                keep=token,
            )
            await console_accounts.forget_tries(connection, tried)
            await staff.audit(connection, who.viewer, action, office.clock.now())
    except Conflict as error:
        raise Refused("own_wrong") from error
