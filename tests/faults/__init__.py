"""What goes wrong where servers run, done to a real one: what clients see, that nothing is lost or wrong, memory after.

Each fault is a function that asserts what must hold and says what was seen. pytest runs the short form of each;
`make faults` (`python -m tests.faults`) the long one, as rows of the table in docs/faults.md.
"""
