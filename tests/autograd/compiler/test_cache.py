"""Programs stay with what they were compiled for, as long as they hold."""

import copy
import functools
import gc
import pickle
import weakref

import autograd
from autograd.compiler.cache import MAX_PROGRAMS, ProgramCache, borrow

NAME = "_programs"
rates = [1.0]


class Model:
    def __init__(self):
        self.rate = 1.0

    def __call__(self, x):
        return self.rate * rates[0] * x


def kept(owner, functions=(), settings=None):
    """Borrow and give back; return what was compiled."""
    loan = borrow(owner, NAME, functions, settings, lambda: [owner])
    loan.give_back(NAME)
    return loan.compiled


def test_what_holds_is_found_again():
    model = Model()
    first = kept(model)
    assert kept(model) is first
    assert kept(model, settings="tape") is not first
    assert kept(model) is first
    model.rate = 2.0
    other = kept(model)
    assert other is not first
    rates[0] = 3.0
    third = kept(model)
    assert third is not first
    assert third is not other
    model.rate, rates[0] = 1.0, 1.0
    assert kept(model) is first
    assert kept(Model()) is not first
    assert kept(model, (Model(),)) is not kept(model, (Model(),))
    assert kept(model, (len,)) is kept(model, (len,))


def test_nothing_is_kept_of_what_changed_meanwhile():
    model = Model()
    loan = borrow(model, NAME, (), None, list)
    model.rate = 2.0
    loan.give_back(NAME)
    model.rate = 1.0
    assert kept(model) is not loan.compiled


def test_who_borrows_has_it_alone():
    model = Model()
    first = kept(model)
    loan = borrow(model, NAME, (), None, list)
    assert loan.compiled is first
    assert borrow(model, NAME, (), None, list).compiled is not first


def test_the_least_recently_used_are_dropped():
    model = Model()
    first = kept(model, settings=0)
    for n in range(1, MAX_PROGRAMS):
        kept(model, settings=n)
    assert kept(model, settings=0) is first
    second = kept(model, settings=MAX_PROGRAMS)
    assert kept(model, settings=MAX_PROGRAMS) is second
    assert [loan.settings for loan, _ in model._programs.entries] == [2, 3, 0, 4]


def test_copies_hold_none():
    model = Model()
    first = kept(model)
    for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert again._programs.entries == []
        assert kept(again) is not first
    shallow = copy.copy(model)
    assert shallow._programs is model._programs
    assert kept(shallow) is not first
    assert kept(model) is first


def test_it_is_freed_with_its_owner():
    model = Model()
    first = kept(model, (model,))
    step = autograd.compile(model)
    step(2.0)
    first.append(step)
    seen = weakref.ref(model)
    del model, first, step
    gc.collect()
    assert seen() is None


def test_what_has_no_attributes_holds_nothing():
    assert kept("text") is not kept("text")
    model = Model()
    assert kept(model.__call__, (model.__call__,)) is not None
    assert type(model._programs) is ProgramCache
    part = functools.partial(Model.__call__, model)
    assert kept(part) is kept(part)
