"""What a question is about in one word, for counting: the topics that can be booked, read from its matters."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge.asked import matters_asked
from knowledge.words import normalise

OTHER = "other"
# Matters of knowledge/lexicon/matters.toml under the topics of bookings; what is not here is "other".
MATTERS: Mapping[str, str] = {
    **dict.fromkeys(("rent", "plant_purchase", "plant_list", "land", "land_refund", "homestead", "incubator"), "land"),
    **dict.fromkeys(
        (
            *("fixed_assets", "equipment", "high_tech", "above_scale", "rnd", "brand", "ecommerce", "farming"),
            *("homestay", "elderly", "tourism", "fund", "proportion", "stack", "year_cap", "apply_when", "apply_how"),
            *("apply_papers", "paid_when"),
        ),
        "funds",
    ),
    **dict.fromkeys(("tax", "tax_return"), "tax"),
    **dict.fromkeys(("loan_interest", "loan", "credit_record", "illegal_funds"), "loan"),
    **dict.fromkeys(
        ("school_entry", "school_transfer", "school_choice", "kindergarten", "high_school", "school_papers"), "school"
    ),
    **dict.fromkeys(("medical", "checkup", "insurance_social", "parents_care"), "medical"),
    **dict.fromkeys(("home_purchase", "home_rent", "talent_flat"), "housing"),
    **dict.fromkeys(
        ("startup", "jobs", "agency", "agency_fee", "time_limit", "fast_track", "missing_papers"), "startup"
    ),
    **dict.fromkeys(
        (
            *("talent_class", "talent_allowance", "service_years", "engineer", "engineer_who", "day_pay", "day_count"),
            *("travel", "lodging_expert", "consent_employer", "officials", "agreement", "ip", "certificate", "adviser"),
        ),
        "expert",
    ),
}


def topic_of(question: str) -> str:
    """Give the topic most of a question's matters are under; "other" where none is."""
    counts: dict[str, int] = {}
    for matter in matters_asked(normalise(question)):
        if matter in MATTERS:
            counts[MATTERS[matter]] = counts.get(MATTERS[matter], 0) + 1
    return max(sorted(counts), key=lambda topic: counts[topic], default=OTHER)
