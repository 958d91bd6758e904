"""Sums worked from a rule and a person's own figures: each step shown, an estimate and never a promise.

Only a rule that leaves no doubt which of its figures applies is worked; anything else is quoted, and
nothing is computed: a wrong sum is worse than none.
"""

from knowledge.sums.articles import Article, articles_of
from knowledge.sums.given import has_figures
from knowledge.sums.steps import Estimate, Step
from knowledge.sums.working import elsewhere, estimates

__all__ = ["Article", "Estimate", "Step", "articles_of", "elsewhere", "estimates", "has_figures"]
