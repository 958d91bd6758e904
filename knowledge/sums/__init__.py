"""Sums worked from a rule and a person's own figures: each step shown, an estimate and never a promise.

Only a rule that leaves no doubt which of its figures applies is worked; anything else is quoted, and
nothing is computed: a wrong sum is worse than none.
"""

from knowledge.sums.articles import Article
from knowledge.sums.steps import Estimate, Step
from knowledge.sums.working import estimates

__all__ = ["Article", "Estimate", "Step", "estimates"]
