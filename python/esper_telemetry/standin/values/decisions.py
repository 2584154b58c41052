"""Whether a program that looks at a value goes on by it (a condition, a length, a slice), or only keeps or prints it."""

from __future__ import annotations

import ast
import linecache
from functools import lru_cache
from itertools import islice
from types import FrameType
from typing import Iterator, NamedTuple, Optional, Set, Tuple, Union

#: Functions that make as much as their arguments ask for.
_MAKERS = {"range", "empty", "zeros", "ones", "full", "rand", "randn", "randint", "arange", "linspace", "split", "repeat"}
#: Checks that a healthy training passes, as one does whose values are zero.
_CHECKS = {"isnan", "isinf", "isfinite"}
#: Calls that hand a value to the host.
_READERS = {"item", "tolist", "numpy", "cpu", "float", "int", "bool"}


class Place(NamedTuple):
    """In a source: line and column, from where to where. Not exact: the line alone is known."""

    begin: Tuple[int, int]
    end: Tuple[int, int]
    is_exact: bool


_Function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@lru_cache(maxsize=4096)
def decides(path: str, at: Place) -> bool:
    """Whether the program goes on by a value that it reads there, or by a variable that is set there; False where there is no source."""
    scope = _scope(path, at)
    if scope is None:
        return False
    deciding = [one for one in _deciding(scope) if not _calls(one.part, _CHECKS)]
    if any(one.is_asked(at) for one in deciding):
        return True
    names = _names_set(scope, at)
    return any(isinstance(node, ast.Name) and node.id in names for one in deciding for node in ast.walk(one.part))


def place_of(frame: FrameType) -> Place:
    """Where a frame is in its source: from Python 3.11 on the expression, before it the line."""
    code, line = frame.f_code, frame.f_lineno
    positions = getattr(code, "co_positions", None)
    if positions is not None:
        begin, end, column, end_column = next(islice(positions(), frame.f_lasti // 2, None), (None,) * 4)
        if begin is not None and end is not None and column is not None and end_column is not None:
            return Place((begin, column), (end, end_column), True)
    return Place((line, 0), (line, 0), False)


@lru_cache(maxsize=64)
def _tree(path: str) -> Optional[ast.AST]:
    try:
        return ast.parse("".join(linecache.getlines(path)))
    except (SyntaxError, ValueError, RecursionError):
        return None


def _end_of(node: Union[ast.expr, ast.stmt]) -> Tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or 0


def _holds(node: Union[ast.expr, ast.stmt], at: Place) -> bool:
    if at.is_exact:
        return (node.lineno, node.col_offset) <= at.begin and at.end <= _end_of(node)
    return node.lineno <= at.begin[0] <= _end_of(node)[0]


def _scope(path: str, at: Place) -> Optional[ast.AST]:
    """The innermost function around a place, else the module."""
    tree = _tree(path)
    if tree is None:
        return None
    within = [node for node in ast.walk(tree) if isinstance(node, _Function) and _holds(node, at)]
    return max(within, key=lambda node: (node.lineno, node.col_offset), default=tree)


def _within(scope: ast.AST) -> Iterator[ast.AST]:
    """Everything in a scope, without what stands in functions of its own."""
    for node in ast.iter_child_nodes(scope):
        if not isinstance(node, _Function):
            yield node
            yield from _within(node)


class _Deciding(NamedTuple):
    part: ast.expr
    #: A condition, for which a tensor need not be handed over by a call.
    is_test: bool
    #: What goes on by it.
    whole: Union[ast.expr, ast.stmt]

    def is_asked(self, at: Place) -> bool:
        """Whether it is this that the program goes on by there."""
        if at.is_exact:  # of a condition, Python 3.11 names the whole of which it is a part
            return _holds(self.part, at) or self.is_test and at[:2] == ((self.whole.lineno, self.whole.col_offset), _end_of(self.whole))
        return _holds(self.part, at) and (self.is_test and isinstance(self.whole, ast.stmt) or _calls(self.part, _READERS))


def _deciding(scope: ast.AST) -> Iterator[_Deciding]:
    """The expressions by whose value the scope goes on."""
    for node in _within(scope):
        if isinstance(node, (ast.If, ast.While, ast.Assert, ast.IfExp)):
            yield _Deciding(node.test, True, node)
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            yield from (_Deciding(test, True, node) for part in node.generators for test in part.ifs)
        elif isinstance(node, ast.BoolOp):
            yield _Deciding(node, True, node)
        elif isinstance(node, ast.Compare):
            yield _Deciding(node, False, node)
        elif isinstance(node, ast.Slice):
            yield from (_Deciding(part, False, part) for part in (node.lower, node.upper, node.step) if part is not None)
        elif isinstance(node, ast.Call) and _last_name(node.func) in _MAKERS:
            yield from (_Deciding(argument, False, argument) for argument in node.args)


def _calls(expression: ast.expr, functions: Set[str]) -> bool:
    return any(isinstance(node, ast.Call) and _last_name(node.func) in functions for node in ast.walk(expression))


def _last_name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


def _names_set(scope: ast.AST, at: Place) -> Set[str]:
    names: Set[str] = set()
    for node in _within(scope):
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and _holds(node, at):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {name.id for target in targets if not isinstance(target, (ast.Subscript, ast.Attribute)) for name in ast.walk(target) if isinstance(name, ast.Name)}
    return names
