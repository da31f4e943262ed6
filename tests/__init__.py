"""The tests: a package, so that `python -m tests.fuzz` is never another project's."""
