r"""Sentences with mathematics in them, from plain text to LaTeX.

Statements, steps and meanings are written once, in plain text: ``D(rho || sigma) = Tr rho (log rho - log sigma)``. Here
the formulas in them are found, by what their characters are, and set as mathematics; the rest is escaped. Keys of the
bibliography become \cite.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

_GREEK = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "pi",
        "rho",
        "sigma",
        "tau",
        "phi",
        "chi",
        "psi",
        "omega",
        "Gamma",
        "Delta",
        "Theta",
        "Lambda",
        "Xi",
        "Pi",
        "Sigma",
        "Phi",
        "Psi",
        "Omega",
    ]
)
_OPERATORS = {
    **{name: rf"\{name}" for name in ("log", "ln", "cos", "sin", "exp", "min", "max", "sup", "inf", "det")},
    **{name: rf"\operatorname{{{name}}}" for name in ("Tr", "tr", "Re", "artanh", "diag", "id", "spec")},
}
_SIGNS = {
    "=": "=",
    "<": "<",
    ">": ">",
    "<=": r"\le ",
    ">=": r"\ge ",
    "!=": r"\ne ",
    "->": r"\to ",
    "+-": r"\pm ",
    "+": "+",
    "-": "-",
    "/": "/",
    "||": r"\,\|\,",
    "..": r"\dots ",
    "...": r"\dots ",
    "|": "|",
    "&": r"\wedge ",
}
_OPEN, _CLOSE = {"(": ")", "[": "]", "{": "}"}, {")", "]", "}"}
_ACRONYMS = frozenset(["PPT", "CHSH", "SWAP", "NPA", "DI", "QKD", "SEP", "LOCC", "GF"])
_CALLED = frozenset({"sqrt", "conj"})
_SHORT_WORDS = frozenset(
    [
        "is",
        "of",
        "to",
        "in",
        "on",
        "if",
        "it",
        "no",
        "or",
        "at",
        "by",
        "be",
        "as",
        "so",
        "an",
        "we",
        "do",
        "up",
        "us",
        "he",
        "my",
        "go",
        "am",
    ]
)
_KEY = re.compile(r"\b[a-z]+\d{4}[a-z]?\b")
_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<given>\$[^$]+\$|`[^`]+`)"
    r"|(?P<own>'s\b|-th\b)"
    r"|(?P<page>\bp\. (?=\d))"
    r"|(?P<tensor>(?<= )\(x\)(?=[ ,]))"
    r"|(?P<bell>(?:Phi|Psi)[+-](?![\w(]))"
    r"|(?P<ket>\|[^|<>\s]{1,12}>(?:<[^|<>\s]{1,12}\|)?)"
    r"|(?P<bracket><[^<>=\s][^<>=]{0,16}[^<>=\s|]>|<[^<>=\s|]+\|[^<>=|]+\|[^<>=\s|]+>)"
    r"|(?P<norm>\|\|(?=\S)[^|]{1,40}(?<=\S)\|\|)"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z]+\d*(?:'+(?!s\b))?(?:_(?:\{[^}]*\}|[A-Za-z0-9]+|(?:\+-|[=+-])(?=[ ,.;:)]|$))'*)*)"
    r"|(?P<power>\^\{[^}]*\})"
    r"|(?P<below>_(?:\{[^}]*\}|[A-Za-z]+|\d+))"
    r"|(?P<sign>\.\.\.|<=|>=|!=|->|\+-|\|\||\.\.|[=<>+\-*/^|&])"
    r"|(?P<mark>.)"
)

Names = Mapping[str, tuple[str, str]]
"""LaTeX's name of a function, or a template of it, and what stands between its arguments."""


class _Piece(NamedTuple):
    kind: str
    text: str


def to_latex(text: str, names: Names = MappingProxyType({})) -> str:
    r"""A sentence in LaTeX's text, its formulas between dollars, keys of the bibliography as \cite."""
    parts, end = [], 0
    for match in _KEY.finditer(text):
        parts += [_sentence(text[end : match.start()], names), rf"\cite{{{match[0]}}}"]
        end = match.end()
    return "".join([*parts, _sentence(text[end:], names)])


def source(text: str) -> str:
    r"""Where something was published: ``key, Theorem 2`` is \cite[Theorem 2]{key}."""
    found = []
    for part in text.split("; "):
        match = re.fullmatch(rf"({_KEY.pattern}), ([^\[\]]+)", part)
        found.append(rf"\cite[{{{escape(match[2])}}}]{{{match[1]}}}" if match else to_latex(part))
    return "; ".join(found)


def filled(template: str, arguments: Sequence[str], separator: str = ",") -> str:
    """A function of arguments: in the places {0}, {1}, .. of its name if that has places, else in parentheses."""
    if re.search(r"\{\d\}", template):
        return re.sub(r"\{(\d)\}(\^?)", lambda match: _argument(arguments[int(match[1])], match[2]), template)
    between = {"||": r"\,\|\,", ",": ", "}.get(separator, separator)
    return rf"{template}\left({between.join(arguments)}\right)" if arguments else template


def _argument(said: str, script: str) -> str:
    """In brackets if it is a sum of which a power is taken, in braces if it has scripts of its own."""
    if not script:
        return said
    if re.search(r" [+-] ", re.sub(r"\([^()]*\)|\{[^{}]*\}", "", said)):
        return rf"\left({said}\right){script}"
    return f"{{{said}}}{script}" if "_" in said or "^" in said else said + script


def escape(text: str) -> str:
    """Characters that LaTeX would take for commands, escaped; letters of other alphabets as mathematics."""
    return "".join(_SPECIAL.get(character, character) for character in text)


# ------------------------------------------------------------------------------------------------- finding the formulas


def _sentence(text: str, names: Names) -> str:
    pieces = _pieces(text)
    said, k = [], 0
    while k < len(pieces):
        end = _formula_end(pieces, k, names)
        if end > k:
            said.append(f"${_Formula(pieces[k:end], names).typeset()}$")
            k = end
        else:
            said.append(_word(pieces[k]))
            k += 1
    return "".join(said)


def _pieces(text: str) -> list[_Piece]:
    return [_Piece(match.lastgroup or "mark", match[0]) for match in _TOKEN.finditer(text)]


def _word(piece: _Piece) -> str:
    if piece.kind == "given":
        return piece.text if piece.text[0] == "$" else rf"\texttt{{{escape(piece.text.strip('`'))}}}"
    return piece.text.replace(" ", "~") if piece.kind == "page" else escape(piece.text)


def _is_symbol(pieces: Sequence[_Piece], k: int, names: Names) -> bool:
    """Whether a piece is mathematics by itself."""
    kind, text = pieces[k]
    if kind == "given" and text[0] == "$":
        return True
    following = pieces[k + 1] if k + 1 < len(pieces) else _Piece("mark", "")
    if kind in ("tensor", "bell", "ket", "bracket", "norm"):
        return True
    if kind != "name":
        return False
    if following.text == "(" and (text in names or len(text) == 1 or text in _OPERATORS or text in _CALLED):
        return True
    bare = text.rstrip("'")
    head = bare.split("_")[0].rstrip("0123456789")
    if head in _GREEK or text == "sqrt" or (head != bare and (len(head) <= 2 or head in ("sum", *_OPERATORS))):
        return True
    if bare in _OPERATORS or bare == "sum":
        return bare != text or _operand_follows(pieces, k)
    if len(bare) == 1:
        article = (bare == "a" and not _is_letter(pieces, k)) or (bare == "A" and _opens(pieces, k)) or bare == "I"
        return not article or text != bare or _beside_sign(pieces, k)
    return False


def _is_letter(pieces: Sequence[_Piece], k: int) -> bool:
    """Whether "a" is a letter rather than an article, by the words around it."""
    before = [piece.text for piece in pieces[max(0, k - 2) : k] if piece.kind != "space"]
    after = [piece.text for piece in pieces[k + 1 : k + 5] if piece.kind != "space"]
    if not after or after[0] in {*_CLOSE, ",", ".", ";", ":"} or before[-1:] in (["string"], ["strings"], ["member"]):
        return True
    return after[0] in ("and", "or") and len(after) > 1 and len(after[1].rstrip("'")) == 1


def _operand_follows(pieces: Sequence[_Piece], k: int) -> bool:
    rest = [piece for piece in pieces[k + 1 : k + 3] if piece.kind != "space"]
    return bool(rest) and (
        rest[0].kind in ("number", "ket", "bracket", "given")
        or rest[0].text in _OPERATORS
        or rest[0].text == "("
        or (
            rest[0].kind == "name"
            and (len(rest[0].text.rstrip("'")) == 1 or "_" in rest[0].text or rest[0].text in _GREEK)
        )
    )


def _beside_sign(pieces: Sequence[_Piece], k: int) -> bool:
    before = [piece for piece in pieces[max(0, k - 2) : k] if piece.kind != "space"]
    after = [piece for piece in pieces[k + 1 : k + 3] if piece.kind != "space"]
    return any(one.kind == "sign" and one.text not in ("-", "*") for one in (*before[-1:], *after[:1]))


def _opens(pieces: Sequence[_Piece], k: int) -> bool:
    """Whether a sentence begins here, so that A is an article if a word follows."""
    before = [piece for piece in pieces[:k] if piece.kind != "space"]
    after = [piece for piece in pieces[k + 1 : k + 3] if piece.kind != "space"]
    starts = not before or before[-1].text in ".:"
    return starts and bool(after) and after[0].kind == "name" and len(after[0].text) > 1


def _is_neutral(pieces: Sequence[_Piece], k: int, depth: int) -> bool:
    """Whether a piece can stand in a formula, and is none by itself."""
    kind, text = pieces[k]
    if kind in ("space", "number", "sign", "power", "below"):
        return True
    if text in _OPEN or text in _CLOSE or text == "'":
        return True
    if text in (",", ":", ";"):
        return depth > 0
    if kind == "name":
        beside = (k > 0 and pieces[k - 1].kind in ("sign", "number")) or (
            k + 1 < len(pieces) and pieces[k + 1].kind == "sign"
        )
        if text.isupper() and text not in _ACRONYMS:
            return depth > 0
        if len(text) == 2 and text not in _SHORT_WORDS:
            return beside or (depth > 0 and pieces[k - 1].text in _OPEN)
        return len(text) == 1 and (
            (depth > 0 and not (k + 1 < len(pieces) and pieces[k + 1].kind == "space"))
            or (text in "aA" and _beside_sign(pieces, k))
        )
    return False


def _formula_end(pieces: Sequence[_Piece], start: int, names: Names) -> int:
    """Where the formula that begins at `start` ends; `start` if none does."""
    first = pieces[start]
    if (
        first.kind in ("space", "own", "page", "power", "below")
        or first.text[0] == "`"
        or first.text in _CLOSE
        or first.text in (",", ":", ";", "*", "/", "^", "&")
    ):
        return start
    if first.kind == "sign" and not _begins(pieces, start):
        return start
    depths: list[int] = []
    k, symbols, best = start, 0, start
    while k < len(pieces):
        piece = pieces[k]
        called = k + 1 < len(pieces) and pieces[k + 1].text == "("
        if piece.kind == "name" and piece.text in names and called and _closing(pieces, k + 1):
            symbols, k = symbols + 1, _closing(pieces, k + 1)  # whatever its arguments are
            if not depths:
                best = k
            continue
        if _is_symbol(pieces, k, names):
            symbols += 1
        elif not _is_neutral(pieces, k, len(depths)):
            break
        elif piece.text in _OPEN:
            depths.append(k)
        elif piece.text in _CLOSE:
            if not depths:
                break
            depths.pop()
        elif piece.kind == "sign" and piece.text in ("=", "<", "<=", ">", ">=", "!="):
            symbols += 1
        k += 1
        if not depths and symbols and piece.kind != "space" and not _dangles(pieces, k - 1):
            best = k
    return best


def _begins(pieces: Sequence[_Piece], k: int) -> bool:
    """Whether a formula can begin with a sign: with a minus, a bar, or dots."""
    text = pieces[k].text
    after_space = not k or pieces[k - 1].kind == "space" or pieces[k - 1].text in _OPEN
    before_symbol = k + 1 < len(pieces) and pieces[k + 1].kind in ("name", "number")
    return text in ("..", "...") or (text in ("-", "|") and after_space and before_symbol)


def _closing(pieces: Sequence[_Piece], opening: int) -> int:
    """Behind the bracket that closes the one at `opening`; 0 if there is none."""
    depth = 0
    for k in range(opening, len(pieces)):
        depth += (pieces[k].text in _OPEN) - (pieces[k].text in _CLOSE)
        if not depth:
            return k + 1
    return 0


def _dangles(pieces: Sequence[_Piece], k: int) -> bool:
    """A sign that wants an operand on its right."""
    text = pieces[k].text
    return pieces[k].kind == "sign" and text not in ("*", "..", "...")


# ------------------------------------------------------------------------------------------------ typesetting a formula


class _Formula:
    """The pieces of a formula, read from the left."""

    def __init__(self, pieces: Sequence[_Piece], names: Names) -> None:
        self.pieces, self.names, self.at = pieces, names, 0

    def typeset(self) -> str:
        """The formula in LaTeX."""
        said: list[str] = []
        while self.at < len(self.pieces):
            said.append(self._next(said))
        return re.sub(r"\s+", " ", "".join(said)).strip()

    def _next(self, said: list[str]) -> str:
        kind, text = self.pieces[self.at]
        self.at += 1
        if kind == "space":
            return " "
        if kind == "tensor":
            return r"\otimes "
        if kind == "bell":
            return rf"\{text[:3]}^{{{text[3]}}}"
        if kind == "given":
            return text.strip("$")
        if kind in ("ket", "bracket"):
            return self._dirac(text)
        if kind == "name":
            return self._name(text, said)
        if text == "^":
            return f"^{{{self._operand()}}}"
        if kind == "below":
            return f"_{{{_script(text[1:])}}}"
        if kind == "norm":
            return rf"\|{_Formula(_pieces(text[2:-2]), self.names).typeset()}\|"
        if kind == "power":
            return f"^{{{_Formula(_pieces(text[2:-1]), self.names).typeset()}}}"
        if text == "*":
            return "^{*}"
        if text in _OPEN:
            return self._bracketed(text)
        if text == "||" and (not said or said[-1] != " "):
            return r"|\,|"  # between two moduli
        if kind == "sign":
            return _SIGNS[text]
        return escape(text)

    def _bracketed(self, opening: str) -> str:
        inside = ",".join(self._arguments(opening, ","))
        left, right = {"{": (r"\{", r"\}")}.get(opening, (opening, _OPEN[opening]))
        return f"{left}{inside}{right}"

    def _arguments(self, opening: str, separator: str) -> list[str]:
        """What stands between the bracket that was just read and the one that closes it."""
        start, depth = self.at, 1
        ends = []
        while self.at < len(self.pieces):
            text = self.pieces[self.at].text
            depth += (text in _OPEN) - (text in _CLOSE)
            if not depth:
                break
            if depth == 1 and text in {",", separator}:
                ends.append(self.at)
            self.at += 1
        bounds = [start - 1, *ends, self.at]
        self.at += 1
        parts = (self.pieces[one + 1 : other] for one, other in itertools.pairwise(bounds))
        return [_Formula(part, self.names).typeset() for part in parts]

    def _operand(self) -> str:
        """What a root or an exponent takes: a group without its brackets, or a single name or number."""
        while self.at < len(self.pieces) and self.pieces[self.at].kind == "space":
            self.at += 1
        if self.at >= len(self.pieces):
            return ""
        text = self.pieces[self.at].text
        if text in _OPEN:
            self.at += 1
            return ",".join(self._arguments(text, ","))
        sign = ""
        if text in ("-", "+-", "+"):
            sign, self.at = _SIGNS[text], self.at + 1
        return sign + self._next([]) if self.at < len(self.pieces) else sign

    def _name(self, text: str, said: list[str]) -> str:
        called = self.at < len(self.pieces) and self.pieces[self.at].text == "("
        if text == "sqrt":
            return rf"\sqrt{{{self._operand()}}}"
        if text == "conj" and called:
            self.at += 1
            return rf"\overline{{{self._arguments('(', ',')[0]}}}"
        if called and text in self.names:
            template, separator = self.names[text]
            self.at += 1
            arguments = [one for one in self._arguments("(", separator) if one not in ("", r"\dots")]
            places = re.findall(r"\{(\d)\}", template)
            if places and len(arguments) != 1 + max(int(place) for place in places) and len(text) == 1:
                return f"{text}({separator.join(arguments)})"
            if places and len(arguments) != 1 + max(int(place) for place in places):
                return rf"\mathsf{{{escape(text)}}}({', '.join(arguments)})"
            return filled(template, arguments, separator).replace(r"\left(", "(").replace(r"\right)", ")")
        if "_" in text and text in self.names and "{0}" not in self.names[text][0]:
            return self.names[text][0]
        if text == "x" and self._between_operands(said):
            return self._product(said)
        return symbol(text)

    def _between_operands(self, said: list[str]) -> bool:
        if len(said) < 2 or said[-1] != " " or said[-2].startswith(r"\sum") or self.at + 1 >= len(self.pieces):
            return False
        following = self.pieces[self.at + 1]
        operand = following.kind in ("name", "number") or following.text == "("
        return self.pieces[self.at].kind == "space" and operand and said[-2][-1:] not in "=<>+-/ "

    def _product(self, said: list[str]) -> str:
        """x between two operands: a tensor product of operators, the size of a matrix else."""
        before, after = said[-2], self.pieces[self.at + 1].text
        sizes = before.strip("0123456789") in ("", "l", "n", "N") and after.strip("0123456789") in ("", "l", "n", "N")
        return r"\times " if sizes else r"\otimes "

    def _dirac(self, text: str) -> str:
        parts = []
        for part in re.findall(r"[<>|]|[^<>|]+", text):
            if part in "<>|":
                parts.append({"<": r"\langle ", ">": r"\rangle ", "|": "|"}[part])
            elif part.isalpha() and len(part) > 2 and part not in _GREEK:
                parts.append(rf"\mathrm{{{part}}}")
            else:
                parts.append(_Formula(_pieces(part), self.names).typeset())
        return "".join(parts)


def symbol(name: str) -> str:
    """A letter with its scripts, or an operator, in LaTeX: rho_2, u_ij, K_DI, log."""
    bare, *scripts = name.split("_")
    primes = bare[len(bare.rstrip("'")) :]
    bare = bare.rstrip("'")
    match = re.fullmatch(r"([A-Za-z]+?)(\d+)", bare)
    if match and (match[1] in _GREEK or len(match[1]) == 1):
        bare, scripts = match[1], [match[2], *scripts]
    if bare in _OPERATORS:
        said = _OPERATORS[bare] + " "
    elif bare == "sum":
        said = r"\sum"
    elif bare in _GREEK:
        said = rf"\{bare} "
    else:
        said = bare
    if scripts == ["hat"]:
        return rf"\hat {said}"
    below = ",".join(_script(one) for one in scripts)
    return said.rstrip() + primes + (f"_{{{below}}}" if below else (" " if said.endswith(" ") else ""))


def _script(text: str) -> str:
    inside = text.strip("{}").rstrip("'")
    primes = text.strip("{}")[len(inside) :]
    if inside in _GREEK:
        return rf"\{inside}{primes}"
    return (rf"\mathrm{{{inside}}}" if len(inside) > 2 and inside.isalpha() else inside) + primes


def _name_of(letter: str) -> str:
    """TeX's name of a Greek letter."""
    name = unicodedata.name(letter).split()[-1].replace("LAMDA", "LAMBDA")
    return name.capitalize() if letter.isupper() else name.lower()


_SPECIAL = {
    **{letter: rf"$\{_name_of(letter)}$" for letter in "αβγδεζηθκλμνξπρστφχψωΓΔΘΛΞΠΣΦΨΩ"},
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "²": "$^{2}$",
    "é": r"\'e",
    "ö": r"\"o",
    "ü": r"\"u",
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}
