"""The one root of what can go wrong in storage/, and what passes by itself."""

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection


class StorageError(Exception):
    """Something about the database; the message says what to do."""


class Conflict(StorageError):
    """A constraint or a version refused the change: nothing was written, think again on the new facts."""


class TooEarly(Conflict):
    """Something that comes first is not done yet: nothing was written, try again once it is."""


# A database that is locked, restarted or out of connections: the same thing done later may well succeed.
PASSING = (Conflict, OperationalError, InterfaceError, NoConnection)
