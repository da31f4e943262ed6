"""Run a function once on leaves made of its arguments, and write down what it did."""
