"""Nodes as terms of the z3 solver, and questions to it. The only file that knows z3.

Whole numbers stay whole numbers of any size; the bounds proven at load stand beside every fact. A question
has a limit of time; what is not answered in it is unknown, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xiepai.policy.ir import CrossStep, Node, Op, Program
from xiepai.policy.messages import Code, Diagnostic, PolicyError

z3: Any = None


def _solver_library() -> None:
    """Loaded with the first question: most commands never ask one, and it takes a quarter of a second."""
    global z3
    if z3 is None:
        try:
            import z3
        except ImportError:  # pragma: no cover - the lock file holds it
            raise PolicyError([Diagnostic(Code.ENGINE_MISSING, data={"name": "z3"})]) from None


QUESTION_MS = 250


class Terms:
    """One copy of a policy's nodes over its own facts; a second copy shares every node that it does not change."""

    def __init__(
        self, program: Program, mark: str = "", instead: Mapping[str, Any] | None = None, base: Terms | None = None
    ):
        _solver_library()
        self.program, self.base = program, base
        self.context: Any = base.context if base else z3.Context()
        self.facts: dict[str, Any] = dict(base.facts) if base else {}
        self.bounds: list[Any] = []
        self.fresh = set(instead or ()) if base else {spec.name for spec in program.facts}
        for spec in program.facts:
            if spec.name in self.fresh and spec.kind != "key":
                self._declare(spec.name + mark, spec)
        self._made: dict[int, Any] = {}
        self._differs = self._changed() if base else set(range(len(program.nodes)))

    def _declare(self, name: str, spec: Any) -> None:
        if spec.kind == "yes/no":
            self.facts[spec.name] = z3.Bool(name, self.context)
            return
        fact = self.facts[spec.name] = z3.Int(name, self.context)
        self.bounds += [fact >= spec.low, fact <= spec.high]

    def _changed(self) -> set[int]:
        found: set[int] = set()
        for index, node in enumerate(self.program.nodes):
            if node.fact in self.fresh or not found.isdisjoint(node.args):
                found.add(index)
        return found

    def __getitem__(self, index: int) -> Any:
        """The term of a node."""
        if index not in self._differs and self.base:
            return self.base[index]
        found = self._made.get(index)
        if found is None:
            node = self.program.nodes[index]
            found = self._made[index] = self._term(node, [self[arg] for arg in node.args])
        return found

    def _term(self, node: Node, args: list[Any]) -> Any:
        match node.op:
            case Op.CONST:
                return z3.BoolVal(bool(node.k), self.context) if node.is_bool else z3.IntVal(node.k, self.context)
            case Op.FACT:
                return self.facts[node.fact]
            case Op.ADD:
                return args[0] + args[1]
            case Op.SUB:
                return args[0] - args[1]
            case Op.MUL:
                return args[0] * args[1]
            case Op.FLOOR_DIV:
                return args[0] / z3.IntVal(node.k, self.context)
            case Op.MIN:
                return z3.If(args[0] <= args[1], args[0], args[1])
            case Op.MAX:
                return z3.If(args[0] >= args[1], args[0], args[1])
            case Op.LT:
                return args[0] < args[1]
            case Op.LE:
                return args[0] <= args[1]
            case Op.EQ:
                return args[0] == args[1]
            case Op.AND:
                return z3.And(args[0], args[1])
            case Op.OR:
                return z3.Or(args[0], args[1])
            case Op.NOT:
                return z3.Not(args[0])
            case Op.IF:
                return z3.If(args[0], args[1], args[2])
        return self._alone(self.program.cross_steps[node.k], args[0])

    def _alone(self, step: CrossStep, value: Any) -> Any:
        """A step over rows as it stands for one case by itself (``compiled.alone``)."""
        if step.kind == "highest" or step.kind == "quota":
            return value if step.kind == "highest" or step.limit > 0 else z3.IntVal(0, self.context)
        rest = {"part": step.limit, "stop": 0}.get(step.overrun, step.limit // step.unit * step.unit)
        return z3.If(value <= step.limit, value, z3.IntVal(rest, self.context))


class Solver:
    """Questions over one or two copies; counts them."""

    def __init__(self, *copies: Terms, limit_ms: int = QUESTION_MS) -> None:
        self.copies, self.asked = copies, 0
        self.solver = z3.Solver(ctx=copies[0].context)
        self.solver.set("timeout", limit_ms)
        for copy in copies:
            self.solver.add(*copy.bounds)

    def case(self, *claims: Any) -> dict[str, int] | bool | None:
        """Facts under which all claims hold (those of the second copy with a stroke); False: none; None: not known."""
        self.asked += 1
        self.solver.push()
        self.solver.add(*claims)
        answer = self.solver.check()
        found: dict[str, int] | bool | None = None
        if answer == z3.sat:
            found = self._facts(self.solver.model())
        elif answer == z3.unsat:
            found = False
        self.solver.pop()
        return found

    def _facts(self, model: Any) -> dict[str, int]:
        found = {}
        copy = self.copies[0]
        marked = [(name, fact) for name, fact in copy.facts.items()]
        for other in self.copies[1:]:
            marked += [(f"{name}'", other.facts[name]) for name in other.fresh]
        for name, fact in marked:
            value = model.eval(fact, model_completion=True)
            found[name] = int(z3.is_true(value)) if z3.is_bool(value) else value.as_long()
        return found


def negated(term: Any) -> Any:
    """Not."""
    return z3.Not(term)


def either(*terms: Any) -> Any:
    """Any of them."""
    return z3.Or(*terms)
