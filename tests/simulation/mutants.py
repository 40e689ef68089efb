"""The bug zoo."""
from collections.abc import Callable
from contextlib import AbstractContextManager
MUTANTS: dict[str, Callable[[], AbstractContextManager[object]]] = {}
