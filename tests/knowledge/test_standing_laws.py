"""Laws of standing that hold for any library: before a file begins, after it is repealed, whatever the order."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from knowledge.documents import Clause, Document, Relation, RelationKind
from knowledge.validity import ENDING, Register, Status

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
KINDS = st.sampled_from([RelationKind.REPEALS, RelationKind.LAPSES, RelationKind.EXTENDS, RelationKind.KEEPS])
NAMES = ("甲地租金办法", "乙类人才规定", "丙项补助措施", "丁种奖励细则", "戊级资助方案")


@st.composite
def libraries(draw: st.DrawFn) -> list[Document]:
    documents = []
    for number, title in enumerate(NAMES[: draw(st.integers(2, len(NAMES)))]):
        published = draw(DAYS)
        effective = published + timedelta(days=draw(st.integers(0, 120)))
        expires = draw(st.none() | st.integers(30, 1500).map(lambda n, start=effective: start + timedelta(days=n)))
        others = [name for name in NAMES if name != title]
        relations = draw(
            st.lists(
                st.builds(
                    Relation,
                    KINDS,
                    st.sampled_from(others),
                    clause=st.sampled_from([None, None, "第一条"]),
                    since=st.none() | DAYS,
                    until=DAYS,
                ),
                max_size=3,
            )
        )
        documents.append(
            Document(f"d{number}", f"{number}.txt", title, "measures", None, None, None, published, effective, expires,
                     relations=tuple(relations))
        )  # fmt: skip
    return documents


def clauses(documents: list[Document]) -> dict[str, list[Clause]]:
    return {
        d.id: [
            Clause(f"{d.id}#{n}", d.id, n, (), f"第{c}条", f"第{c}条 按{n + 3}元补贴。") for n, c in enumerate("一二")
        ]
        for d in documents
    }


@given(libraries(), DAYS)
def test_before_its_first_day_nothing_is_in_force(documents: list[Document], on: date):
    register = Register(documents, clauses(documents))
    for document in documents:
        for clause in clauses(documents)[document.id]:
            if document.effective is not None and on < document.effective:
                assert register.standing(document, on, clause).status is Status.NOT_YET


@given(libraries(), DAYS, st.integers(0, 2000))
def test_what_is_repealed_stays_repealed(documents: list[Document], on: date, later: int):
    register = Register(documents, clauses(documents))
    for document in documents:
        for clause in clauses(documents)[document.id]:
            if register.standing(document, on, clause).by is not None:
                after = register.standing(document, on + timedelta(days=later), clause)
                assert after.status in ENDING.values()


@given(libraries(), DAYS)
def test_a_clause_is_never_in_force_in_a_file_that_is_not(documents: list[Document], on: date):
    register = Register(documents, clauses(documents))
    for document in documents:
        whole = register.standing(document, on)
        for clause in clauses(documents)[document.id]:
            if whole.status is not Status.IN_FORCE:
                assert register.standing(document, on, clause).status is not Status.IN_FORCE


@given(libraries(), DAYS, st.randoms(use_true_random=False))
def test_the_order_of_indexing_changes_nothing(documents: list[Document], on: date, random):
    shuffled = list(documents)
    random.shuffle(shuffled)
    one, other = Register(documents, clauses(documents)), Register(shuffled, clauses(shuffled))
    for document in documents:
        assert one.last_day(document, on) == other.last_day(document, on)
        for clause in (None, *clauses(documents)[document.id]):
            assert one.standing(document, on, clause) == other.standing(document, on, clause)
            assert clause is None or one.as_amended(clause, on) == other.as_amended(clause, on)


@given(libraries(), DAYS)
def test_reading_a_file_twice_changes_nothing(documents: list[Document], on: date):
    one, twice = Register(documents, clauses(documents)), Register([*documents, *documents], clauses(documents))
    for document in documents:
        assert one.standing(document, on) == twice.standing(document, on)


@given(libraries(), DAYS, st.integers(0, 2000))
def test_to_know_more_never_shortens_a_term(documents: list[Document], on: date, later: int):
    register = Register(documents, clauses(documents))
    for document in documents:
        first, then = register.last_day(document, on), register.last_day(document, on + timedelta(days=later))
        assert (first is None) == (then is None)
        assert first is None or then is None or first <= then


@given(DAYS, st.integers(0, 400), st.integers(0, 800))
def test_a_correction_that_works_back_reads_corrected_from_the_first_day(start: date, delay: int, after: int):
    rule = Document("rule", "rule", NAMES[0], "measures", published=start, effective=start)
    about = Relation(RelationKind.CORRECTS, NAMES[0], clause="第一条")
    published = start + timedelta(days=delay)
    correction = Document("fix", "fix", "更正", "correction", published=published, relations=(about,))
    read = {"rule": clauses([rule])["rule"], "fix": [Clause("fix#0", "fix", 0, (), "一", "第一条中“3元”更正为“2元”。")]}
    register, on = Register([rule, correction], read), start + timedelta(days=after)

    text = register.as_amended(read["rule"][0], on, known=max(on, published))[0].text
    assert "2元" in text
    assert register.as_amended(read["rule"][1], on, known=published)[0] == read["rule"][1]
    assert ("2元" in register.as_amended(read["rule"][0], on)[0].text) == (on >= published)
