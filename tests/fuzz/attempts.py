"""Call one thing wrongly, and judge what comes of it."""

import decimal
import gc
import pickle
import re
import signal
import sys
import time
import warnings

import numpy as np

import nn
from autograd import Value
from autograd.context import context
from tests.fuzz.hostile import HostileError

SECONDS = 5.0  # of the processor: the machine may be busy
# What a wrong argument raises: a wrong kind, a wrong content, an int beyond the largest float.
ARGUMENT = (TypeError, ValueError, OverflowError)


class TooLongError(BaseException):
    """Raised in a call that takes too long; no library code catches it."""


def state(thing, depth=3):  # noqa: PLR0911 - a line a kind of thing
    """Describe all that a failed call must leave as it was."""
    if isinstance(thing, Value):
        return pickle.dumps(thing), id(thing.inputs and thing.inputs[0])
    if isinstance(thing, nn.Module):
        return list(vars(thing)), [state(p) for p in thing.parameters()]
    if isinstance(thing, nn.Optimiser):
        return repr(vars(thing)), repr(thing.state_dict())
    if isinstance(thing, np.ndarray) and thing.dtype != object:
        return thing.shape, thing.tobytes()
    if type(thing) in {list, tuple} and depth:
        return [state(item, depth - 1) for item in thing]
    if type(thing) is dict and depth:
        return [(key, state(item, depth - 1)) for key, item in thing.items()]
    return repr(thing) if isinstance(thing, (str, int, float, type(None))) else id(thing)


def world():
    """Describe what is switched on: a failed call leaves nothing on."""
    thread = context.thread
    quiet = tuple(np.geterr().items()), gc.isenabled(), sys.getrecursionlimit()
    return context.active, thread.no_grad_depth, len(thread.anomaly_detectors), thread.tracer, quiet


def problem_with(error, also=()):
    """Say what is wrong with an error, or nothing."""
    if isinstance(error, HostileError):
        return ""  # the caller's own
    if isinstance(error, MemoryError):
        return ""  # the interpreter's, where an object claims a length of 2**62
    if isinstance(error, decimal.InvalidOperation):
        return ""  # a signalling Decimal's own, whenever it is compared: with a float, too
    name = f"{type(error).__name__}: {str(error)[:150]}"
    if not isinstance(error, (*ARGUMENT, *also)) or isinstance(error, RecursionError):
        return f"not a documented error: {name}"
    if len(re.findall(r"[a-z]{2,}", str(error).lower())) < 2:
        return f"no words: {name}"
    return ""


def judge(call, watched, also=()):
    """Run a call; return its problem, or an empty text, and whether it failed."""
    before = [state(thing) for thing in watched], world()

    def stop(*_):
        raise TooLongError

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    begin = time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", "NotImplemented should not be used in a bool")
            call()
        failure = None
    except TooLongError:
        return f"longer than {SECONDS} s", True
    except BaseException as error:  # noqa: BLE001 - any of them is judged
        failure = error
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    if failure is None:
        return ("left something on" if world() != before[1] else ""), False
    problem = problem_with(failure, also)
    if not problem and ([state(thing) for thing in watched], world()) != before:
        problem = f"changed something before it failed: {failure!r:.100}"
    if not problem and time.process_time() - begin > SECONDS / 2:
        problem = "slow to fail"
    return problem, True


def replaced(entry, slot, value):
    """Return the entry's call with one argument replaced."""
    args, options = list(entry.args), dict(entry.options)
    if isinstance(slot, int):
        args[slot] = value
    else:
        options[slot] = value
    return lambda: entry.function(*args, **options)
