"""Time lifted programs beside hand-written NumPy, JAX and the eager kernels.

What is timed
-------------
One run gives the value and all gradients for given numbers. "lifted" is the call of the compiled
function, its checks of the arguments included, on the engine that it chose. "first call" is
tracing, lifting, choosing the engine and one run; "tracing" the part that runs the function on
`Value`s. ``engine="numpy"`` and ``engine="tape"`` are the same where one insists. "The tape alone"
replays the graph over flat arrays without a call's checks and structure. The eager kernels make the
leaves, build the graph, differentiate, read the gradients and free the graph, as in the first
table. JAX is ``jit(value_and_grad(...))`` of vectorised code, in double precision, on arrays that
JAX holds already, until the result is ready.

Each way lives in a process of its own with one thread, and they take turns (A B C A B C ...). With
`--threads N` each has N threads, and beside them the lifted program runs on one.
Every value and gradient is first compared with those of the eager compiled kernel to 1e-9.
"""
