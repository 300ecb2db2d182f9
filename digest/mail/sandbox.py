"""The environment in which templates run: an operator's may come from anywhere, or hold a slip.

Jinja's sandbox keeps a template to the values it is given: nothing private of Python, no method that
changes a value, no range above 100,000. Products and powers are kept small here, too: one short
expression would fill the memory.
"""

from __future__ import annotations

from typing import Any

from jinja2 import TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

TEMPLATE_ERRORS = (
    TemplateError,
    ArithmeticError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""Errors that a template which does not work raises when it is filled."""
MAX_PRODUCT = 1_000_000
"""Characters or items of a product, and the largest number of a power."""


def describe_error(error: Exception) -> str:
    """Describe one of `TEMPLATE_ERRORS`. Python's own may quote a reader's value, so only their
    kind is told."""
    if isinstance(error, TemplateError | OverflowError):
        return str(error)
    return type(error).__name__


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's environment for templates that are not to be trusted."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Multiply, or raise to a power, within bounds."""
        if operator == "**":
            if not (abs(left) <= MAX_PRODUCT and abs(right) <= 3):
                raise SecurityError("a power is too large")
        else:
            for many, times in ((left, right), (right, left)):
                if hasattr(many, "__len__") and len(many) * times > MAX_PRODUCT:
                    raise SecurityError("a product is too long")
        return super().call_binop(context, operator, left, right)


def find_private_access(environment: Sandbox, source: str) -> tuple[int, str] | None:
    """The line of a template that asks for something private of Python, and what it is.

    Told without filling it, so that a check finds what only one page in a hundred would come to.
    Raises `jinja2.TemplateSyntaxError`.
    """
    for node in environment.parse(source).find_all((nodes.Getattr, nodes.Getitem)):
        name = node.attr if isinstance(node, nodes.Getattr) else _constant(node)
        if name.startswith("_"):
            return node.lineno, name
    return None


def _constant(node: nodes.Node) -> str:
    argument = getattr(node, "arg", None)
    return str(argument.value) if isinstance(argument, nodes.Const) else ""
