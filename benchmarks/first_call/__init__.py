"""What a compiled function's first call costs: `python -m benchmarks --first-call`.

The first call traces the function and lowers the trace. It is held to what the same program costs
where nothing is compiled (one eager run), and to what others take to build it: CasADi an `SX`
function of value and gradient, JAX an executable of the same scalars. Each is measured in fresh
processes, in which something small has been compiled before, so that no imports are timed; they
take turns, and the least time counts. Times are those of the processor: another program that runs
beside disturbs them less.
"""
