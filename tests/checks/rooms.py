"""Room sizes: functions and modules stay small enough to read in one look. Exits 1 and names what is too large."""

import ast
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("crawler", "nlp", "pipeline")
MEDIAN, P95, MODULE = 12, 45, 400

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> list[Function]:
    """Every function and method of a module."""
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def lines(function: Function) -> int:
    """Lines from `def` to the last statement, the docstring left out: words for readers don't make code longer."""
    body = function.body
    doc = body[0] if ast.get_docstring(function) is not None else None
    documented = (doc.end_lineno or 0) - doc.lineno + 1 if doc else 0
    return (function.end_lineno or 0) - function.lineno + 1 - documented


def untyped(function: Function) -> bool:
    """Does an argument or the result lack its type?"""
    args = function.args
    named = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    bare = [a for a in named if a.annotation is None and a.arg not in ("self", "cls")]
    return bool(bare) or function.returns is None


def main() -> int:
    complaints = []
    sizes: list[tuple[int, str]] = []
    for path in sorted(p for package in PACKAGES for p in (ROOT / package).rglob("*.py")):
        name = str(path.relative_to(ROOT))
        text = path.read_text()
        if text.count("\n") > MODULE:
            complaints.append(
                f"{name}: {text.count(chr(10))} lines, at most {MODULE}; give a second idea its own module"
            )
        for function in functions(ast.parse(text)):
            sizes.append((lines(function), f"{name}:{function.lineno} {function.name}"))
            if untyped(function):
                complaints.append(f"{name}:{function.lineno} {function.name}: every argument and result needs its type")
    counts = sorted(size for size, _ in sizes)
    median, p95 = statistics.median(counts), counts[int(len(counts) * 0.95)]
    if median > MEDIAN:
        complaints.append(f"functions have a median of {median} lines, at most {MEDIAN}")
    if p95 > P95:
        longest = ", ".join(f"{where} ({size})" for size, where in sorted(sizes, reverse=True)[:8])
        complaints.append(f"1 function in 20 has {p95} lines or more, at most {P95}; the longest: {longest}")
    print(f"rooms: {len(counts)} functions, median {median}, 95th percentile {p95} lines")  # noqa: T201
    for complaint in complaints:
        print(complaint, file=sys.stderr)  # noqa: T201
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())
