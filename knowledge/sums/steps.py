"""The lines of a sum and how one follows from the other: what a person reads, as codes of the text catalogue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from knowledge.amounts import said_yuan


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a sum: a code of the text catalogue and the values it names, ready to be shown."""

    code: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A worked sum for one set of figures. `result` is in yuan, None where the figures fall outside the rule."""

    steps: tuple[Step, ...]
    result: Decimal | None


@dataclass(frozen=True, slots=True)
class Working:
    """A sum so far, in yuan, with the lines that led to it."""

    result: Decimal = Decimal(0)
    steps: tuple[Step, ...] = ()

    def then(self, code: str, result: Decimal, **values: str) -> Working:
        """Add a line that arrives at a new result; the line may name it as {result}."""
        step = Step(code, (*values.items(), ("result", said_yuan(result))))
        return Working(result, (*self.steps, step))

    def noted(self, code: str, **values: str) -> Working:
        """Add a line that changes nothing."""
        return replace(self, steps=(*self.steps, Step(code, tuple(values.items()))))

    def capped(self, cap: Decimal | None) -> Working:
        """Hold the sum to a cap and say so; without a cap nothing is said."""
        if cap is None:
            return self
        code = "capped" if self.result > cap else "within"
        return replace(self.noted(code, cap=said_yuan(cap)), result=min(self.result, cap))

    def done(self) -> Estimate:
        return Estimate(self.steps, self.result)


def outside(code: str, **values: str) -> Estimate:
    """Give the estimate of figures that a rule does not reach."""
    return Estimate((Step(code, tuple(values.items())),), None)
