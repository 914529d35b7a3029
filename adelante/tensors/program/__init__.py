"""A learner's program for the lab: Python's text, read by `ast.parse` and never compiled, executed or evaluated.

`source` cuts the text into lines and trees, and `execute` goes from line to line. `statements` and `evaluate` walk the
trees and do what they find there with the functions that stand in closed tables (`torchs`, `numpys`, `builtins`), each
checked by `machine` before any memory is spent. Nothing is looked up as an attribute by a name that a client wrote.
"""
