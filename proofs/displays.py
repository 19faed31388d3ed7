r"""Formulas that fit the line: delimiters and fractions that let TeX break them, and what varies among equal ones.

What stands between \left and \right is never broken by TeX. At the outermost level the delimiters are therefore given a
size of their own, long fractions and roots are written in one line, and a break is allowed behind commas and factors.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOKEN = re.compile(r"\\begin\{(\w+)\}.*?\\end\{\1\}|\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_ARGUMENTS = {r"\frac": 2, r"\tfrac": 2, r"\sqrt": 1}
_LETTERS = frozenset(
    rf"\{name}" for name in ("mathrm", "mathsf", "mathcal", "mathit", "mathfrak", "mathbf", "operatorname", "text")
)
_ACCENTS = frozenset(rf"\{name}" for name in ("overline", "widetilde", "hat", "tilde"))
_INVISIBLE = frozenset((r"\left", r"\right", r"\,", r"\;", r"\ ", "{", "}", "^", "_", r"\displaystyle"))
_TALL = re.compile(r"\\(?:frac|sqrt|sum|bigoplus|begin|bigl|Bigl)")
_FRACTION = 24  # letters of a numerator or denominator that stay on a fraction's bar
_SHORTEST = 25  # letters of a formula that TeX may leave whole
_BREAK = r"\penalty600 "  # worse than at a relation or a sign
_FACTOR = re.compile(r"\\[A-Za-z]|[A-Za-z0-9(\[{]")
_OPERATORS = frozenset(rf"\{name}" for name in ("log", "ln", "max", "sup", "sum", "bigoplus", "cos", "sin"))
_BINARY = frozenset(rf"\{name}" for name in ("le", "ge", "ne", "in", "otimes", "circ", "oplus", "mapsto", "to", "pm"))
_LISTED = 8  # variants that a sentence names
_SHORT = 60  # characters of TeX of a variant that a sentence names


def _tokens(tex: str) -> list[str]:
    return [match[0] for match in _TOKEN.finditer(tex)]


def width(tex: str) -> float:
    """About how many letters wide a formula is set."""
    total, k, tokens = 0.0, 0, _tokens(tex)
    while k < len(tokens):
        token = tokens[k]
        if token in (r"\frac", r"\tfrac"):
            first, k = _argument(tokens, k + 1)
            second, k = _argument(tokens, k)
            total += max(width(first), width(second)) * (1.0 if token == r"\frac" else 0.7) + 0.5
            continue
        if token in ("^", "_"):
            script, k = _argument(tokens, k + 1)
            total += 0.7 * width(script)
            continue
        k += 1
        if token.startswith(r"\begin"):
            total += max(width(row) for row in re.sub(r"\\(?:begin|end)\{\w+\}", "", token).split(r"\\"))
        elif token in _INVISIBLE or token.isspace() or token in _LETTERS or token in _ACCENTS:
            total += 0.2 if token.isspace() else 0.0
        elif token in "=<>+-" or token in (r"\le", r"\ge", r"\in", r"\otimes", r"\mapsto"):
            total += 2.0
        else:
            total += len(token) - 1 if token in (r"\log", r"\max", r"\sup") else 1.0
    return total


def _argument(tokens: Sequence[str], k: int) -> tuple[str, int]:
    """What a command or script at `k` takes, without its braces, and where it ends."""
    while k < len(tokens) and tokens[k].isspace():
        k += 1
    if k >= len(tokens):
        return "", k
    if tokens[k] in _LETTERS or tokens[k] in _ACCENTS:
        inside, end = _argument(tokens, k + 1)
        return f"{tokens[k]}{{{inside}}}", end
    if tokens[k] != "{":
        return tokens[k], k + 1
    end = _matching(tokens, k, "{", "}")
    return "".join(tokens[k + 1 : end]), end + 1


def _matching(tokens: Sequence[str], k: int, opening: str, closing: str) -> int:
    depth = 0
    for end in range(k, len(tokens)):
        depth += (tokens[end] == opening) - (tokens[end] == closing)
        if not depth:
            return end
    return len(tokens) - 1


def breakable(tex: str, size: str = "big") -> str:
    r"""The formula with delimiters of a fixed `size`, big or Big, outside of scripts and fractions."""
    said: list[str] = []
    tokens = _tokens(tex)
    gap = width(tex) > _SHORTEST  # a short formula needs no breaks of its own
    operator, k = True, 0
    while k < len(tokens):
        token = tokens[k]
        if token == r"\left" and tokens[k + 1 : k + 2]:
            end = _matching(tokens, k, r"\left", r"\right")
            inside = breakable("".join(tokens[k + 2 : end]), size)
            left, right = (rf"\{size}l", rf"\{size}r") if _TALL.search(inside) else ("", "")
            opening = tokens[k + 1] + (" " if tokens[k + 1][-1:].isalpha() else "")
            said.append(f"{left}{opening}{inside}{right}{tokens[end + 1]}")
            operator, k = False, end + 2
        elif token in _ARGUMENTS or token in _LETTERS or token in _ACCENTS:
            parts, k = [], k + 1
            for _ in range(_ARGUMENTS.get(token, 1)):
                part, k = _argument(tokens, k)
                parts.append(part)
            said.append(_in_line(token, parts, size))
            operator = token == r"\operatorname"
        elif token in ("^", "_"):
            script, k = _argument(tokens, k + 1)
            said.append(f"{token}{{{script}}}")
        elif token == "{":
            end = _matching(tokens, k, "{", "}")
            inside = "".join(tokens[k + 1 : end])
            opens = re.match(r"\\left\((?:(?!\\left|\\right).)*\\right\)$", inside, re.DOTALL) or _one_pair(inside)
            said.append(breakable(inside, size) if opens else f"{{{inside}}}")
            operator, k = False, end + 1
        else:
            if token.isspace():
                factor = (
                    gap
                    and not operator
                    and not said[-1].isdigit()
                    and k + 1 < len(tokens)
                    and _FACTOR.match(tokens[k + 1])
                )
                token = rf" {_BREAK}" if factor and tokens[k + 1] not in _BINARY else " "
            elif gap and (token in (",", ";") or (token == r"\," and said[-1:] == [r"\|"])):
                token, operator = rf"{token}{_BREAK}", True
            else:
                operator = token in _OPERATORS or token in _BINARY or token in "=<>+-(["
            said.append(token)
            k += 1
    return "".join(said)


def _one_pair(tex: str) -> bool:
    """Whether a formula is one pair of brackets."""
    tokens = _tokens(tex)
    return tokens[:1] == [r"\left"] and _matching(tokens, 0, r"\left", r"\right") == len(tokens) - 2


def _in_line(command: str, parts: Sequence[str], size: str) -> str:
    whole = command + "".join(f"{{{part}}}" for part in parts)
    if command in _LETTERS or max(width(part) for part in parts) <= _FRACTION:
        return whole
    if command in _ACCENTS:
        return whole
    inside = [breakable(rf"\left({part}\right)", size) for part in parts]
    if command == r"\sqrt":
        return inside[0] + "^{1/2}"
    above = breakable(parts[0], size) if _is_product(parts[0]) else inside[0]
    below = parts[1] if re.fullmatch(r"\w+|\\\w+", parts[1]) else inside[1]
    return rf"{above}{_BREAK}/{below}"


def _is_product(tex: str) -> bool:
    """Whether nothing is added or compared outside of brackets."""
    outside, depth = [], 0
    for token in _tokens(tex):
        depth += (token in ("{", "(", r"\left")) - (token in ("}", ")", r"\right"))
        if not depth:
            outside.append(token)
    return not {"+", "-", "="} & set(outside)


def broken_text(text: str) -> str:
    """A sentence of LaTeX with each of its formulas breakable."""
    return re.sub(r"(?<!\\)\$((?:[^$\\]|\\.)+)\$", lambda match: f"${with_its_end(breakable(match[1]))}$", text)


def with_its_end(tex: str) -> str:
    """A long formula whose last line is not the number alone to which all before it is compared."""
    if width(tex) <= _SHORTEST:
        return tex
    return re.sub(r"(=|<|>|\\[lg]e) (\d+|[A-Za-z])([.,;]?)$", r"\\mathrel{\1 \2}\3", tex)


def variants(texts: Sequence[str]) -> str | None:
    """What stands in the others in place of what in the first of some formulas; None if too much differs."""
    pairs: list[tuple[str, str]] = []
    for other in texts[1:]:
        found = _difference(texts[0], other)
        if found is None:
            return None
        pairs.append(found)
    first = {before for before, _ in pairs}
    if len(first) != 1:
        return None
    named = list(dict.fromkeys(after for _, after in pairs))
    shown = ", ".join(f"${one}$" for one in named[:_LISTED])
    rest = f" and {len(named) - _LISTED} more" if len(named) > _LISTED else ""
    return f"with {shown}{rest} for ${first.pop()}$"


def _difference(one: str, other: str) -> tuple[str, str] | None:
    """The single expression that is another one in the second formula, at each of its places."""
    first, second = (re.findall(r"\\[A-Za-z]+|\\.|\d+|\S", text) for text in (one, other))
    head = 0
    while head < min(len(first), len(second)) and first[head] == second[head]:
        head += 1
    for length in range(1, 25):
        before = first[head : head + length]
        if len(before) < length or not _balanced(before):
            continue
        for count in range(1, 25):
            after = second[head : head + count]
            if len(after) == count and _balanced(after) and _exchanged(first, before, after) == second:
                texts = _joined(before), _joined(after)
                return texts if all(0 < len(text) <= _SHORT for text in texts) else None
    return None


def _joined(tokens: Sequence[str]) -> str:
    return re.sub(r"(\\[A-Za-z]+) (?![A-Za-z])", r"\1", " ".join(tokens)).replace(" ", " ")


def _balanced(tokens: Sequence[str]) -> bool:
    depth = 0
    for token in tokens:
        depth += (token in ("{", "(", "[", r"\left")) - (token in ("}", ")", "]", r"\right"))
        if depth < 0 or token in ("$", "=", r"\le", r"\ge", "^", "_"):
            return False
    return not depth


def _exchanged(tokens: list[str], before: list[str], after: list[str]) -> list[str]:
    said, k = [], 0
    while k < len(tokens):
        if tokens[k : k + len(before)] == before:
            said += after
            k += len(before)
        else:
            said.append(tokens[k])
            k += 1
    return said
