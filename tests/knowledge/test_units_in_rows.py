"""A table row is shown with the unit that stands in its header: a figure without one can be misread by ten thousand."""

from knowledge.citing import with_units

HOUSING = (("类别", "补助标准（万元）", "拨付方式"), ("E类", "5", "分三期"), ("F类", "–", "–"))


def test_the_unit_of_a_column_stands_at_its_figures() -> None:
    assert with_units(HOUSING) == (("类别", "补助标准", "拨付方式"), ("E类", "5万元", "分三期"), ("F类", "–", "–"))


def test_what_is_said_beside_the_unit_stays_in_the_header() -> None:
    rows = (("人才类别", "体检费用标准(元/年) 男", "体检费用标准(元/年) 女"), ("D类", "1500", "1,700"))
    assert with_units(rows) == (
        ("人才类别", "体检费用标准 男", "体检费用标准 女"),
        ("D类", "1500元/年", "1,700元/年"),
    )


def test_brackets_that_hold_no_unit_and_columns_without_figures_stay_as_they_are() -> None:
    rows = (("事项（含变更）", "时限（工作日）"), ("备案", "即办"))
    assert with_units(rows) == rows
