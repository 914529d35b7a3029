"""The tensor lab: a closed set of torch and NumPy operations, done step by step on named tensors over shared memory.

Imports torch and NumPy only (and the domain's own faults); nothing here knows about HTTP. What a client writes chooses
among functions that stand in a table; nothing of it is ever evaluated or looked up as an attribute.
"""
