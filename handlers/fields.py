"""How the fields of a form are asked: which may be skipped, which wait for the review, which depend on others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from handlers.questions import Question

Condition = Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class Asked:
    """Stands beside a field's question where it is not simply asked.

    `skip`: asked, but may be left out. `later`: not asked; offered at the review, and taken when it was said
    anyway. `when`: only if the answers before it say so. A field that is not answered is None.
    """

    skip: bool = False
    later: bool = False
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form with its question and how it is asked."""

    name: str
    question: Question[Any]
    asked: Asked = Asked()

    @property
    def skippable(self) -> bool:
        return self.asked.skip or self.asked.later

    def applies(self, answers: Mapping[str, Any]) -> bool:
        return self.asked.when is None or self.asked.when(answers)


def fields_of(form: type[BaseModel]) -> Sequence[FormField]:
    """Give a form's fields in the order they are asked."""
    found = []
    for name, field in form.model_fields.items():
        question = next((one for one in field.metadata if isinstance(one, Question)), None)
        if question is not None:
            asked = next((one for one in field.metadata if isinstance(one, Asked)), Asked())
            found.append(FormField(name, question, asked))
    return found


def is_one_of(name: str, *values: object) -> Condition:
    """Give the condition that an earlier choice is one of some ids (or has one among several)."""
    wanted = set(values)

    def holds(answers: Mapping[str, Any]) -> bool:
        given = answers.get(name)
        return bool(wanted & set(given)) if isinstance(given, list) else given in wanted

    return holds
