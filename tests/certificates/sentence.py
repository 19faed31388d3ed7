"""What a verified sentence says, read back from its English, and what the document says, read from its fields.

Written from the format's description alone, without the verifier: one pattern for each kind of sentence, in which every
word counts. `differences` compares the two readings, and computes both digests anew.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

Document = dict[str, Any]
Reading = dict[str, Any]

SEVERAL = {"rounds": "round", "copies": "copy", "channel uses": "channel use"}
NUMBER = r"-?[0-9][0-9.e+/-]*…?"
PAIR = r"[0-9]+,[0-9]+"
CHSH = rf"{PAIR} \| {PAIR}"

# --- numbers ---------------------------------------------------------------------------------------------------------


def exact(value: int | str) -> Fraction:
    """An exact number of a document: n, n/d, or mpe for m 2^e."""
    if isinstance(value, int):
        return Fraction(value)
    mantissa, power, exponent = value.partition("p")
    return Fraction(mantissa) * (Fraction(2) ** int(exponent) if power else 1)


def says(text: str, x: Fraction, side: str = "nearest") -> bool:
    """Whether a printed number is x: exactly, or marked as rounded and no worse than the double on the side named."""
    if abs(x) >= 10**300:
        found, unit = Fraction(text.rstrip("…")), Fraction(10) ** int(text.rstrip("…").partition("e")[2] or 0)
        if not text.endswith("…"):
            return found == x
        return (
            found != x
            and abs(found - x) <= unit
            and not (found > x if side == "lower" else found < x and side == "upper")
        )
    if text.endswith("…"):
        rounded = float(text[:-1])
        if Fraction(rounded) == x or (side == "lower" and rounded > x) or (side == "upper" and rounded < x):
            return False
        return abs(Fraction(rounded) - x) < Fraction(math.ulp(rounded))
    if "/" in text or text.lstrip("-").isdigit():
        return Fraction(text) == x
    return Fraction(float(text)) == x


# --- the sentence ----------------------------------------------------------------------------------------------------

SCENARIO = (
    r"(?P<outcomes>[0-9]+ and [0-9]+) outcomes, (?P<settings>[0-9]+ and [0-9]+) settings, of which "
    rf"(?P<known>all pairs are known|the pairs (?:{PAIR} ?)+ are known|the pair {PAIR} is known), and no other "
    r"settings or outcomes: nothing else is measured"
)
STATE = (
    r"(?:the (?P<dims>[0-9]+x[0-9]+) state with the digest below|(?P<quantifier>every|a) state within the trace "
    rf"distance (?P<repair>{NUMBER}) of the (?P<around>[0-9]+x[0-9]+) matrix with the digest below)"
)
SUBJECTS = {
    "family": r"(?P<object>the channel with the Choi state|the PPT private state) rho of sectors "
    rf"(?P<m>[0-9]+) and (?P<n>[0-9]+), p = (?P<p>1/\(√m\+1\)|{NUMBER})",
    "link": rf"devices with \|S\| = (?P<s>{NUMBER}) and (?:key error (?P<q>{NUMBER})|(?P<all>the outcomes of the key "
    rf"setting))(?P<tables>, as in the tables with the digest below)?(?: \(which no device has exactly: their "
    rf"marginals differ by up to (?P<apart>{NUMBER})\))?, at CHSH settings (?P<test>{CHSH}) and key setting "
    rf"(?P<key>{PAIR}); nothing else is known of them",
    "singlet": rf"devices with the table of a singlet of visibility (?P<v>{NUMBER}), of which Alice measures Z and X, "
    r"and Bob \(Z\+X\)/√2, \(Z-X\)/√2 and Z: " + SCENARIO,
    "tables": rf"(?P<devices>devices with )?the tables with the digest below: {SCENARIO}(?:; the tables are within "
    rf"(?P<within>{NUMBER}) of the ones given)?",
    "table": rf"the table with the digest below, (?P<outcomes>[0-9]+ and [0-9]+) outcomes of setting (?P<key>{PAIR})",
    "loss": rf"pure loss of transmissivity (?P<transmissivity>{NUMBER})",
    "erasure": rf"erasure with probability (?P<probability>{NUMBER}) of dimension (?P<dimension>[0-9]+)",
    "dephasing": rf"dephasing with probability (?P<probability>{NUMBER}) in dimension (?P<dimension>[0-9]+)",
    "depolarising": rf"depolarising with probability (?P<probability>{NUMBER}) in dimension (?P<dimension>[0-9]+)",
    "damping": rf"amplitude damping with (?P<damping>{NUMBER})",
    "pairs": rf"pairs at (?P<pair_angle>{NUMBER}) rad, (?P<mean_pairs>{NUMBER}) a round, of which the parties receive "
    rf"(?P<alice>{NUMBER}) and (?P<bob>{NUMBER})",
    "state": r"(?:(?P<transposed>the|every) state whose partial transpose is |(?P<simulated>every channel at half the "
    rf"diamond distance (?P<distance>{NUMBER}) or less from a channel that teleportation simulates through )|"
    rf"(?P<channel>the channel|every channel) whose Choi state is )?{STATE}",
    "choi": r"every channel whose Choi operator is within 2\^-44 dA of that of the (?P<dims>[0-9]+x[0-9]+) Choi state "
    "with the digest below",
    "moments": r"devices with (?P<alice>[0-9, ]+) outcomes at Alice's settings and (?P<bob>[0-9, ]+) at Bob's, and no "
    r"others, that meet the (?P<count>[0-9]+) known values with the digest below; nothing else is known of them",
    "run": rf"every run of (?P<rounds>[0-9]+) rounds, key from setting \((?P<key>{PAIR})\), CHSH test on "
    rf"(?P<test>{CHSH}) with probability (?P<gamma>{NUMBER}), (?P<syndrome>[0-9]+) bits published for error "
    r"correction, extractor (?P<extractor>[a-z]+), accepted with (?:(?P<losses>[0-9]+) lost tests at most|"
    rf"a score of (?P<score>{NUMBER}) at least, where a lost test counts (?P<lost>{NUMBER}) and a won one "
    rf"(?P<won>{NUMBER}))",
}
RATE = re.compile(
    rf"(?P<quantity>[a-zA-Z' -]+) (?P<sign><=|>=) (?P<value>{NUMBER}) (?P<unit>bit/[a-z ]+?)(?:, each heralded pair is "
    rf"one (?P<herald>[a-z ]+)| at (?P<rate>{NUMBER}) (?P<counted>[a-z ]+?) a second)?\n"
    r"of (?P<subject>.*)\nscope: (?P<trust>device-independent|device-dependent); (?P<protocol>.*); "
    r"(?P<adversary>[a-z ]+ attacks)(?: by (?P<memory>[a-z]+) devices with (?P<communication>[a-z-]+) communication)?; "
    r"from (?P<statistics>.*)"
)
KEY = re.compile(
    r"secret key (?P<sign>>=) (?P<value>[0-9]+) bit\nof (?P<subject>.*)\nscope: device-independent; "
    rf"(?P<adversary>[a-z ]+ attacks); soundness (?P<soundness>{NUMBER})"
)
WEIGHT = re.compile(
    rf"local weight >= (?P<lower>{NUMBER}) and <= (?P<upper>{NUMBER})\nof (?P<subject>.*)\nscope: the greatest over "
    "what the unknown pairs may be"
)
FIXED = re.compile(rf"one-way discussion on key setting (?P<on>.*), keep (?P<keep>{NUMBER})")
FREE = re.compile(
    r"(?P<discussion>one-way|two-way) discussion(?: on (?P<on>key setting .*))?, any noise and post-selection"
)
OPEN = {
    "no public discussion": "none",
    "any public discussion at any time": "any",
    "any public discussion of rounds once both sides have been used, at any settings": "completed rounds",
}


class NoSentenceError(ValueError):
    """The text is none of the sentences."""


def matched(pattern: str | re.Pattern[str], text: str) -> dict[str, str | None]:
    found = re.fullmatch(pattern, text)
    if found is None:
        raise NoSentenceError(text)
    return found.groupdict()


def read_protocol(text: str) -> Reading:
    """Discussion, key settings as (pair, weight, noise or None), and keep or None where anything may be kept."""
    if text in OPEN:
        return {"discussion": OPEN[text], "settings": [], "keep": None}
    fixed = FIXED.fullmatch(text)
    if fixed is not None:
        each = rf"({PAIR}) \(weight ({NUMBER}), noise ({NUMBER})\)"
        parts = fixed["on"].split(" and key setting ")
        found = [re.fullmatch(each, part) for part in parts]
        if any(one is None for one in found):
            raise NoSentenceError(text)
        settings = [(one[1], one[2], one[3]) for one in found if one is not None]
        return {"discussion": "one-way", "settings": settings, "keep": fixed["keep"]}
    free = matched(FREE, text)
    parts = (free["on"] or "").removeprefix("key setting ").split(" and key setting ") if free["on"] else []
    loose = [matched(rf"(?P<pair>{PAIR}) \(weight (?P<weight>{NUMBER})\)", part) for part in parts]
    settings = [(str(one["pair"]), str(one["weight"]), None) for one in loose]  # type: ignore[misc]
    return {"discussion": free["discussion"], "settings": settings, "keep": None}


# --- the comparison --------------------------------------------------------------------------------------------------


def differences(printed: str, document: Document) -> list[str]:
    """What the printed verdict says otherwise than the document; empty if nothing."""
    *sentence, about, digest, derived, grounds, verdict = printed.split("\n")
    if verdict != "ACCEPTED" or not derived.startswith("derived: ") or not grounds.startswith("rests on: "):
        raise NoSentenceError(printed)
    text = "\n".join(sentence)
    found = list(_differences(text, document))
    subject = sentence[1].removeprefix("of ")
    own_about = _hash([subject, _canonical(_meant(document))])
    if about != f"about: {own_about}":
        found.append("about")
    if digest != f"statement: {_hash([own_about, *_content(document)])}":
        found.append("digest")
    return found


def _differences(text: str, document: Document) -> Iterator[str]:
    stated = document["statement"]
    if document["kind"] == "local weight":
        read = matched(WEIGHT, text)
        for side in ("lower", "upper"):
            if not says(str(read[side]), exact(stated[side]), side):
                yield side
    elif document["kind"] == "finite key":
        read = matched(KEY, text)
        if int(str(read["value"])) != stated["value"] or stated["direction"] != "lower" or stated["unit"] != "bit":
            yield "value"
        if read["adversary"] != stated["scope"]["adversary"]:
            yield "adversary"
        if not says(str(read["soundness"]), exact(stated["scope"]["soundness"]), "upper"):
            yield "soundness"
    else:
        read = matched(RATE, text)
        yield from _rate(read, stated)
    yield from _subject(str(read["subject"]), document)


def _rate(read: dict[str, str | None], stated: Document) -> Iterator[str]:
    scope = stated["scope"]
    if {">=": "lower", "<=": "upper"}[str(read["sign"])] != stated["direction"]:
        yield "direction"
    if not says(str(read["value"]), exact(stated["value"]), stated["direction"]):
        yield "value"
    for name in ("quantity", "trust", "adversary", "statistics"):
        if read[name] != scope[name]:
            yield name
    if read["unit"] != stated["unit"]:
        yield "unit"
    scale, several = stated.get("scale"), SEVERAL.get(read["counted"] or "")
    counted = read["herald"] or several or read["counted"]
    if (scale is None) != (counted is None):
        yield "scale"
    if scale is not None:
        if scale["from"] != f"bit/{counted}":
            yield "scaled from"
        if (read["rate"] is None) != (stated["unit"] == "bit/herald"):
            yield "rate"
        if not says(read["rate"] or "1", exact(scale["rate"])):
            yield "rate"
        if read["counted"] is not None and (several is not None) != (exact(scale["rate"]) != 1):
            yield "plural"
    devices = scope.get("devices")
    communication = {"no": "none"}.get(str(read["communication"]), read["communication"])
    if (read["memory"], communication) != ((devices["memory"], devices["communication"]) if devices else (None, None)):
        yield "devices"
    yield from _protocol(read_protocol(str(read["protocol"])), scope["protocol"])


def _protocol(read: Reading, stated: Document) -> Iterator[str]:
    if read["discussion"] != stated["discussion"]:
        yield "discussion"
    settings = sorted(stated["settings"], key=lambda one: (one["key"], exact(one["weight"]), exact(one["noise"])))
    if len(read["settings"]) != len(settings):
        yield "settings"
    for (pair, weight, noise), one in zip(read["settings"], settings, strict=False):
        if pair != "{},{}".format(*one["key"]):
            yield "key setting"
        if not says(weight, exact(one["weight"])):
            yield "weight"
        if not (exact(one["noise"]) == 0 if noise is None else says(noise, exact(one["noise"]))):
            yield "noise"
    if not (exact(stated["keep"]) == 1 if read["keep"] is None else says(read["keep"], exact(stated["keep"]))):
        yield "keep"


FORMULAS = {
    **dict.fromkeys(("advantage distillation", "hashed pair parities", "relative entropy to p = 1/2"), "family"),
    **dict.fromkeys(("published partial-transpose ceiling", "partial-transpose ceiling"), "family"),
    "quantum capacity of a PPT channel": "family",
    **dict.fromkeys(("CHSH entropy", "CHSH rate", "CHSH rate with H(A|B)", "mixture of devices"), "link"),
    **dict.fromkeys(("two-qubit device, I(A:B|E)", "two-qubit device, E_r"), "link"),
    "noisy singlet": "singlet",
    "mutual information": "tables",
    "reconciliation": "table",
    **dict.fromkeys(("pure loss, rate", "pure loss, ceiling", "pure loss, beam splitter"), "loss"),
    **dict.fromkeys(("erasure, rate", "erasure, ceiling"), "erasure"),
    "dephasing": "dephasing",
    "depolarising": "depolarising",
    "amplitude damping": "damping",
    "pair source": "pairs",
}
KINDS = {
    **dict.fromkeys(("relative entropy", "squashed entanglement", "hashing"), "state"),
    **dict.fromkeys(("max-relative entropy", "max-Rains information"), "choi"),
    "entropy": "moments",
    **dict.fromkeys(("mixture", "local weight"), "tables"),
    "finite key": "run",
}


def _subject(text: str, document: Document) -> Iterator[str]:
    data = document["data"]
    kind = FORMULAS[data["formula"]] if document["kind"] == "closed form" else KINDS[document["kind"]]
    read = matched(SUBJECTS[kind], text)
    for name, told in _told(kind, read, document):
        if not told:
            yield name


def _told(kind: str, read: dict[str, str | None], document: Document) -> Iterator[tuple[str, bool]]:
    """For each element of the subject: its name, and whether it is what the data say."""
    data = document["data"]
    inputs = data.get("inputs", data)

    def number(name: str, x: Any, side: str = "nearest") -> tuple[str, bool]:
        return name, read[name] is not None and says(str(read[name]), exact(x), side)

    if kind == "family":
        yield "object", str(read["object"]).split()[1] == ("channel" if inputs["object"] == "channel" else "PPT")
        yield "sectors", [int(str(read["m"])), int(str(read["n"]))] == inputs["sectors"]
        yield "p", read["p"] == "1/(√m+1)" if inputs["p"] is None else says(str(read["p"]), exact(inputs["p"]))
    elif kind == "link":
        yield from _link(read, inputs, document)
    elif kind == "singlet":
        yield "visibility", says(str(read["v"]), exact(inputs["visibility"]))
        scenario = (read["outcomes"], read["settings"], read["known"])
        yield "scenario", scenario == ("2 and 2", "2 and 3", "all pairs are known")
    elif kind == "tables":
        yield "devices", (read["devices"] is None) == (document["kind"] == "local weight")
        yield from _scenario(read, document)
        distance = exact(data["distance"]) if document["kind"] == "mixture" else Fraction(0)
        yield "within", says(str(read["within"]), distance, "upper") if distance else read["within"] is None
    elif kind == "table":
        (entry,) = inputs["tables"]
        yield "outcomes", read["outcomes"] == f"{len(entry['P'])} and {len(entry['P'][0])}"
        yield "setting", read["key"] == "{},{}".format(*entry["settings"])
    elif kind in ("loss", "erasure", "dephasing", "depolarising", "damping"):
        for name in read:
            yield number(name, inputs[name])
    elif kind == "pairs":
        yield number("pair_angle", inputs["pair_angle"])
        yield number("mean_pairs", inputs["mean_pairs"])
        yield number("alice", inputs["efficiencies"][0])
        yield number("bob", inputs["efficiencies"][1])
    elif kind == "state":
        yield from _state(read, document)
    elif kind == "choi":
        yield "dims", read["dims"] == "{}x{}".format(*data["dims"])
    elif kind == "moments":
        for party in ("alice", "bob"):
            yield party, read[party] == ", ".join(map(str, data["outcomes"][party]))
        yield "count", int(str(read["count"])) == len(data.get("mirrored", data["known"]))
    else:
        yield from _run(read, document)


def _state(read: dict[str, str | None], document: Document) -> Iterator[tuple[str, bool]]:
    data = document["data"]
    repaired = "repair" in data
    yield "dims", (read["around"] if repaired else read["dims"]) == "{}x{}".format(*data["dims"])
    yield "repair", says(str(read["repair"]), exact(data["repair"]), "lower") if repaired else read["repair"] is None
    of_all = not ({"simulates", "state_is"} & data.keys() or data.get("of") == "channel")
    yield "quantifier", read["quantifier"] == (("every" if of_all else "a") if repaired else None)
    every = "every" if repaired else "the"
    yield "transposed", read["transposed"] == (every if data.get("state_is") == "partial transpose" else None)
    yield "channel", read["channel"] == (f"{every} channel" if data.get("of") == "channel" else None)
    if "simulates" in data:
        yield "distance", read["distance"] is not None and says(read["distance"], exact(data["simulates"]), "lower")
    else:
        yield "simulated", read["simulated"] is None


def _link(read: dict[str, str | None], inputs: Document, document: Document) -> Iterator[tuple[str, bool]]:
    s, q, apart = _known(inputs)
    with_table = document["data"]["formula"] == "CHSH rate with H(A|B)"
    yield "S", says(str(read["s"]), s)
    yield "Q", read["all"] is not None if with_table else read["q"] is not None and says(read["q"], q)
    yield "tables", (read["tables"] is None) == (inputs["tables"] is None)
    yield "apart", says(str(read["apart"]), apart, "upper") if apart > Fraction(1, 2**30) else read["apart"] is None
    yield "test", read["test"] == " | ".join("{},{}".format(*side) for side in inputs["test"])
    yield "key", read["key"] == "{},{}".format(*inputs["key"])


def _known(inputs: Document) -> tuple[Fraction, Fraction, Fraction]:
    """|S|, the key error, and by how much the marginals of the tables differ."""
    if inputs["tables"] is None:
        return abs(exact(inputs["chsh"])), exact(inputs["qber"]), Fraction(0)
    tables = {}
    for entry in inputs["tables"]:
        (p, q), (r, t) = ([exact(x) for x in row] for row in entry["P"])
        total = p + q + r + t
        tables[tuple(entry["settings"])] = (p / total, q / total, r / total, t / total)
    (x_0, x_1), (y_0, y_1) = inputs["test"]
    signs = {(x_0, y_0): 1, (x_0, y_1): 1, (x_1, y_0): 1, (x_1, y_1): -1}
    s = sum((sign * (p - q - r + t) for pair, sign in signs.items() for p, q, r, t in [tables[pair]]), Fraction(0))
    wrong = tables[tuple(inputs["key"])][1] + tables[tuple(inputs["key"])][2]
    apart = Fraction(0)
    for side, cells in ((0, (0, 1)), (1, (0, 2))):
        for setting in {pair[side] for pair in tables}:
            seen = [table[cells[0]] + table[cells[1]] for pair, table in tables.items() if pair[side] == setting]
            apart = max(apart, max(seen) - min(seen))
    return abs(s), min(wrong, 1 - wrong), apart


def _scenario(read: dict[str, str | None], document: Document) -> Iterator[tuple[str, bool]]:
    data = document["data"]
    if document["kind"] == "mixture":
        outcomes, settings, pairs = data["scenario"]["outcomes"], data["scenario"]["settings"], data["measured"]
    else:
        inputs = data.get("inputs", data)
        outcomes, settings = inputs["outcomes"], inputs["settings"]
        pairs = [entry["settings"] for entry in inputs["tables"]]
    yield "outcomes", read["outcomes"] == "{} and {}".format(*outcomes)
    yield "settings", read["settings"] == "{} and {}".format(*settings)
    known, text = sorted(f"{x},{y}" for x, y in pairs), str(read["known"])
    if text == "all pairs are known":
        yield "known", len(known) == settings[0] * settings[1]
    else:
        words = text.split()[2:-2]
        yield "known", sorted(words) == known and (text.split()[1] == "pair") == (len(known) == 1)


def _run(read: dict[str, str | None], document: Document) -> Iterator[tuple[str, bool]]:
    data = document["data"]
    yield "rounds", int(str(read["rounds"])) == data["rounds"]
    yield "key", read["key"] == "{},{}".format(*data["key"])
    yield "test", read["test"] == " | ".join("{},{}".format(*side) for side in data["test"])
    yield "gamma", says(str(read["gamma"]), exact(data["gamma"]))
    yield "syndrome", int(str(read["syndrome"])) == data["syndrome_length"]
    yield "extractor", read["extractor"] == data["extractor"]
    if data["theorem"] == "eat-2019":
        yield "losses", read["losses"] is not None and int(read["losses"]) == data["accepted_losses"]
    else:
        parameters = {**data["parameters"], "score": data["score"]}
        for name, own in (("score", "score"), ("lost", "loss_score"), ("won", "win_score")):
            yield name, read[name] is not None and says(str(read[name]), exact(parameters[own]))


# --- the digests -----------------------------------------------------------------------------------------------------

MEANT = {
    "relative entropy": ("dims", "state", "repair", "state_is", "simulates"),
    "squashed entanglement": ("dims", "state", "repair", "state_is"),
    "hashing": ("dims", "state", "repair", "of"),
    "max-relative entropy": ("dims", "choi"),
    "max-Rains information": ("dims", "choi"),
    "mixture": ("scenario", "measured", "table"),
    "local weight": ("outcomes", "settings", "tables"),
    "finite key": ("rounds", "gamma", "key", "test", "accepted_losses", "score", "syndrome_length", "extractor"),
}
OF_PROOFS = {"noise", "protocol", "points", "chord_end", "tangent_at", "copies", "levels"}


def _meant(document: Document) -> Any:
    """The data that say what a sentence is about."""
    data = document["data"]
    if document["kind"] == "closed form":
        return {name: part for name, part in data["inputs"].items() if name not in OF_PROOFS}
    if document["kind"] == "entropy":
        return [data["outcomes"], data.get("mirrored", data["known"])]
    return {name: data[name] for name in MEANT[document["kind"]] if name in data}


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _canonical(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_canonical(part) for part in value]
    if isinstance(value, int) or (isinstance(value, str) and re.fullmatch(r"-?\d+(/\d+)?|-?\d+p-?\d{1,4}", value)):
        return str(exact(value))
    return value


def _content(document: Document) -> list[str]:
    """What changes the meaning of a statement beside what it is about."""
    stated = document["statement"]
    if document["kind"] == "local weight":
        return [str(exact(stated["lower"])), str(exact(stated["upper"]))]
    if document["kind"] == "finite key":
        parameters = document["data"]["parameters"]
        scores = [str(exact(parameters[name])) for name in ("loss_score", "win_score") if name in parameters]
        scope = stated["scope"]
        return ["lower", str(stated["value"]), "bit", scope["adversary"], str(exact(scope["soundness"])), *scores]
    scope, scale = stated["scope"], stated.get("scale")
    settings = sorted(
        (tuple(one["key"]), exact(one["weight"]), exact(one["noise"])) for one in scope["protocol"]["settings"]
    )
    listed = "".join(
        f"KeySetting(pair={pair}, weight={weight!r}, noise={noise!r}), " for pair, weight, noise in settings
    )
    listed = listed if len(settings) == 1 else listed.rstrip(", ")
    protocol = (
        f"Protocol(discussion={scope['protocol']['discussion']!r}, settings=({listed.rstrip()}), "
        f"keep={exact(scope['protocol']['keep'])!r})"
    )
    devices = scope.get("devices")
    against = (devices["communication"], devices["memory"]) if devices else None
    written = (
        f"Scope(trust={scope['trust']!r}, protocol={protocol}, quantity={scope['quantity']!r}, "
        f"statistics={scope['statistics']!r}, adversary={scope['adversary']!r}, devices={against!r})"
    )
    made = "None" if scale is None else f"Scale(rate={exact(scale['rate'])!r}, unit={scale['from']!r})"
    return [stated["direction"], str(exact(stated["value"])), stated["unit"], written, made]


def _hash(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]
