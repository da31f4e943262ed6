"""Time this library beside others that differentiate scalar programs.

How to reproduce
----------------
In a checkout, in an environment of its own::

    pip install ".[bench]"
    python -m benchmarks                          # everything, about a quarter of an hour
    python -m benchmarks --markdown table.md      # and the table for the README
    python -m benchmarks --quick --only hinge-20 --peers native python micrograd
    python -m benchmarks --lifted                 # lifted programs (see `benchmarks.lifting`)
    python -m benchmarks --first-call             # first calls (see `benchmarks.first_call`)
    python -m benchmarks --costs                  # fit the costs that choose an engine

`python -m benchmarks --help` lists workloads and peers. A peer that is not installed is named
under the table with the command that installs it. HIPS autograd has this library's import name,
so it runs on a Python of its own: a virtual environment that the first run makes in the user's
cache folder (about 200 MB, from PyPI), or the one given with ``--hips-python``.

What is timed
-------------
One run is: make the leaves, compute the result, differentiate, read the gradients as floats, free
the graph. The garbage collector stays on. All peers run the same functions (`workloads`), except
that in the ``nn`` workloads this library and micrograd use their own `MLP`. Peers named
"evaluation alone" build (or compile) once, untimed, and are then only given numbers.

Each peer lives in one process, so imports are not timed. Every gradient is first compared with
the plain kernel's to 1e-9. Then the peers take turns (A B C A B C ...), each turn repeating the
run for about 0.2 s; the table has medians over the turns, and ratios to this library's fastest
kernel. One run that lasts longer than 20 s ends that peer's part in that workload, and the table
says so, as it does for a wrong gradient, a recursion error and a missing function.

Times depend on what else the machine does; ratios within one run do so less.
"""
