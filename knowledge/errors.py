"""The one root of what can go wrong in knowledge/."""


class KnowledgeError(Exception):
    """Something about a file, the index or a question; the message says what to do."""
