"""Whether a line of Python that looks at a value goes on by it (a condition, a length, a slice), or only keeps or prints it."""

from __future__ import annotations

import ast
import linecache
from functools import lru_cache
from typing import Iterator, Optional, Set, Tuple, Union

#: Functions that make as much as their arguments ask for.
_MAKERS = {"range", "empty", "zeros", "ones", "full", "rand", "randn", "randint", "arange", "linspace", "split", "repeat"}
#: Checks that a healthy training passes, as one does whose values are zero.
_CHECKS = {"isnan", "isinf", "isfinite"}
#: Calls that hand a value to the host.
_READERS = {"item", "tolist", "numpy", "cpu", "float", "int", "bool"}
_Function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@lru_cache(maxsize=4096)
def decides(path: str, line: int) -> bool:
    """Whether the program goes on by a value that it reads in this line, or by a variable that the line sets; False where there is no source."""
    scope = _scope(path, line)
    if scope is None:
        return False
    deciding = [(part, is_test) for part, is_test in _deciding(scope) if not _calls(part, _CHECKS)]
    if any(_spans(part, line) and (is_test or _calls(part, _READERS)) for part, is_test in deciding):
        return True
    names = _names_set(scope, line)
    return any(isinstance(node, ast.Name) and node.id in names for part, _ in deciding for node in ast.walk(part))


@lru_cache(maxsize=64)
def _tree(path: str) -> Optional[ast.AST]:
    try:
        return ast.parse("".join(linecache.getlines(path)))
    except (SyntaxError, ValueError, RecursionError):
        return None


def _spans(node: Union[ast.expr, ast.stmt], line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _scope(path: str, line: int) -> Optional[ast.AST]:
    """The innermost function around a line, else the module."""
    tree = _tree(path)
    if tree is None:
        return None
    within = [node for node in ast.walk(tree) if isinstance(node, _Function) and _spans(node, line)]
    return max(within, key=lambda node: node.lineno, default=tree)


def _within(scope: ast.AST) -> Iterator[ast.AST]:
    """Everything in a scope, without what stands in functions of its own."""
    for node in ast.iter_child_nodes(scope):
        if not isinstance(node, _Function):
            yield node
            yield from _within(node)


def _deciding(scope: ast.AST) -> Iterator[Tuple[ast.expr, bool]]:
    """The expressions by whose value the scope goes on, and whether it is a condition, for which a tensor need not be handed over by a call."""
    for node in _within(scope):
        if isinstance(node, (ast.If, ast.While, ast.Assert)):
            yield node.test, True
        elif isinstance(node, ast.IfExp):  # its line holds more than the condition
            yield node.test, False
        elif isinstance(node, ast.comprehension):
            yield from ((test, True) for test in node.ifs)
        elif isinstance(node, ast.Compare):
            yield node, False
        elif isinstance(node, ast.Slice):
            yield from ((part, False) for part in (node.lower, node.upper, node.step) if part is not None)
        elif isinstance(node, ast.Call) and _last_name(node.func) in _MAKERS:
            yield from ((argument, False) for argument in node.args)


def _calls(expression: ast.expr, functions: Set[str]) -> bool:
    return any(isinstance(node, ast.Call) and _last_name(node.func) in functions for node in ast.walk(expression))


def _last_name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


def _names_set(scope: ast.AST, line: int) -> Set[str]:
    names: Set[str] = set()
    for node in _within(scope):
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and _spans(node, line):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {name.id for target in targets if not isinstance(target, (ast.Subscript, ast.Attribute)) for name in ast.walk(target) if isinstance(name, ast.Name)}
    return names
