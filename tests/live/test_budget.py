"""Memory of live sessions is counted in their own budget and in the one that they share."""

from app.live.budget import Budget


def test_a_child_counts_in_its_parent_too_and_says_which_of_them_lacks() -> None:
    parent = Budget(100, "ALL")
    one, other = Budget(80, "ONE", parent), Budget(80, "ONE", parent)
    assert one.take(70)
    assert not one.take(11)
    assert one.lacking(11) is one
    assert not other.take(31)
    assert other.lacking(31) is parent
    assert other.take(30)
    assert (one.used, other.used, parent.used) == (70, 30, 100)
    one.close()
    assert (one.used, parent.used) == (0, 30)
    assert not one.take(1)


def test_what_several_hold_is_counted_once_and_given_back_by_the_last() -> None:
    parent = Budget(100, "ALL")
    children = [Budget(10, "ONE", parent) for _ in range(3)]
    network = object()
    assert all(child.hold(network, 90) for child in children)
    assert parent.used == 90
    assert not children[0].hold(object(), 20)
    children[0].release(network, 90)
    children[0].release(network, 90)
    children[1].close()
    assert parent.used == 90
    children[2].close()
    assert parent.used == 0


def test_a_closed_budget_takes_and_holds_nothing() -> None:
    parent = Budget(100, "ALL")
    child = Budget(80, "ONE", parent)
    assert child.take(80)
    assert not child.take(1)
    child.close()
    assert not child.hold(object(), 10)
    assert not child.take(0)
    assert child.lacking(1) is child
    assert child.lacking(0) is None
    assert (child.used, parent.used) == (0, 0)


def test_one_who_holds_a_thing_twice_gives_it_back_twice_and_no_more() -> None:
    parent = Budget(100, "ALL")
    one, other = Budget(10, "ONE", parent), Budget(10, "ONE", parent)
    network = object()
    assert one.hold(network, 100)
    assert one.hold(network, 100)
    other.release(network, 100)
    one.release(network, 100)
    assert parent.used == 100
    one.close()
    assert parent.used == 0
