"""The functions for use from Python, as docs/python.md lists them.

Each checks its arguments, calls the library and returns arrays or tables. Callers
import them from `proofread` itself.
"""
