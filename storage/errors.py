"""The one root of what can go wrong in storage/."""


class StorageError(Exception):
    """Something about the database; the message says what to do."""


class Conflict(StorageError):
    """A constraint or a version refused the change: nothing was written, think again on the new facts."""


class TooEarly(Conflict):
    """Something that comes first is not done yet: nothing was written, try again once it is."""
