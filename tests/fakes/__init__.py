"""Fakes: one small real class for each seam, in memory, with the rules of the real one.

What a fake promises is held against the real thing by the tests in ``tests/integration``.
"""
