"""The search as kernels: plain functions that run as they stand, or compiled. The only room of this core with numba.

Importing a kernel imports no numba: :mod:`compiling` marks functions, :mod:`building` makes machine code of them when
one is called, :mod:`keeping` keeps that between processes, :mod:`warming` makes it ahead in a process of its own.
"""
