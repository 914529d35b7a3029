"""What a number is made of, form by form: a sentence, and a table of its parts with the largest first."""

from collections.abc import Callable, Sequence

import torch
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text
from torch import Tensor

from adelante.network.explanation import Explanation, Form, Part
from app.cli.numerals import Numerals
from app.cli.tables import Column, columns, left_out
from app.cli.words import Words

Parts = list[RenderableType]
Named = Callable[[str, list[int]], str]
"""A number's place, with its name where it has one."""


class Teller:
    """Tells one explanation in a reader's words. `limit` is how many parts a table shows, 0 for all."""

    def __init__(self, words: Words, numerals: Numerals, limit: int, place: Named, kind: str) -> None:
        self.words = words
        self.place = place
        self.n = numerals
        self.limit = limit
        self.kind = kind

    def say(self, key: str, **values: object) -> Text:
        return Text(self.words(f"cli.{key}", **values))

    def cell(self, part: Part, k: int = 0) -> str:
        return self.place(part.tensor, part.at[k].tolist())

    def named(self, part: Part) -> str:
        """layers.2.activations[3] = 0.4172"""
        return f"{self.cell(part)} = {self.n(float(part.values[0]))}"

    def order(self, sizes: Tensor) -> list[int]:
        """The places of the largest of these, as many as are shown."""
        count = min(self.limit or len(sizes), len(sizes))
        return torch.argsort(sizes.double().abs(), descending=True, stable=True)[:count].tolist()

    def more(self, count: int, together: float | None = None) -> Parts:
        """How many parts are not shown, and what they are together."""
        if not count:
            return []
        if together is None:
            return left_out(self.words, count)
        said = self.say("explain.more", count=count, sum=self.n(together))
        said.stylize("dim italic")
        return [Padding(said, (0, 0, 0, 2))]


def parts_told(words: Words, found: Explanation, numerals: Numerals, limit: int, place: Named, kind: str) -> Parts:
    """The sentence of the form, and its parts. `kind` is the operation's."""
    return _TELLERS[found.form](Teller(words, numerals, limit, place, kind), found)


def _sum_of_products(teller: Teller, found: Explanation) -> Parts:
    terms = [part for part in found.parts if part.role != "bias"]
    bias, constants = found.part("bias"), found.constants
    count = sum(len(part) for part in terms)
    parts: Parts = [teller.say("explain.sum-of-products", count=count), ""]
    for part in terms:
        parts += _terms(teller, part)
    if "scale" in constants and constants["scale"] != 1:
        parts.append(teller.say("explain.scale", factor=teller.n(constants["scale"])))
    if bias is not None:
        factor = constants.get("factor of bias", 1.0)
        key = "explain.bias" if factor == 1 else "explain.bias-times"
        parts.append(teller.say(key, bias=teller.named(bias), factor=teller.n(factor)))
    return parts


def _terms(teller: Teller, part: Part) -> Parts:
    """value · factor = product, the largest products first."""
    products = part.contributions
    shown = teller.order(products)
    rows = [
        (
            teller.cell(part, k),
            teller.n(float(part.values[k])),
            _factor_cell(teller, part, k),
            teller.n(float(part.factors[k])) if part.factors is not None else "",
            teller.n(float(products[k])),
        )
        for k in shown
    ]
    words = teller.words
    table = columns(
        [
            Column(words("cli.explain.cell"), style="cyan", shrinks=True),
            Column(words("cli.explain.value"), right=True),
            Column(words("cli.explain.times"), style="cyan", shrinks=True),
            Column("", right=True),
            Column(words("cli.explain.product"), right=True),
        ],
        rows,
    )
    return [table, *teller.more(len(part) - len(shown), _rest(products, shown))]


def _factor_cell(teller: Teller, part: Part, k: int) -> str:
    if part.factor is None or part.factor_at is None:
        return ""
    return teller.place(part.factor, part.factor_at[k].tolist())


def _rest(values: Tensor, shown: Sequence[int]) -> float:
    """What those that are not shown add up to."""
    left = torch.ones(len(values), dtype=torch.bool)
    left[list(shown)] = False
    return float(values.double().cpu()[left].sum())


def _sum(teller: Teller, found: Explanation) -> Parts:
    constants = found.constants
    count = sum(len(part) for part in found.parts)
    mean = "scale" in constants and constants["scale"] != 1
    said = teller.say("explain.mean", count=count, factor=teller.n(constants["scale"])) if mean else None
    parts: Parts = [said or teller.say("explain.sum", count=count), ""]
    rows: list[tuple[str, str]] = []
    more: Parts = []
    for part in found.parts:
        factor = constants.get(f"factor of {part.role}", 1.0) * (-1.0 if part.role == "subtracted" else 1.0)
        added = part.values * factor if factor != 1 else part.values
        shown = teller.order(added)
        rows += [(_factored(teller, factor) + teller.cell(part, k), teller.n(float(added[k]))) for k in shown]
        more += teller.more(len(part) - len(shown), _rest(added, shown))
    parts += [_listed(teller, rows), *more]
    if "offset" in constants:
        parts.append(teller.say("explain.offset", number=teller.n(constants["offset"])))
    return parts


def _factored(teller: Teller, factor: float) -> str:
    return "" if factor == 1 else "−" if factor == -1 else f"{teller.n(factor)} · "


def _listed(teller: Teller, rows: Sequence[tuple[str, ...]], more: bool = False) -> RenderableType:
    words = teller.words
    listed = [
        Column(words("cli.explain.cell"), style="cyan", shrinks=True),
        Column(words("cli.explain.value"), right=True),
    ]
    return columns([*listed, *([Column("")] if more else [])], rows)


_SORTS = {
    **dict.fromkeys(("amin", "cummin", "minimum"), "explain.choice-smallest"),
    **dict.fromkeys(("amax", "cummax", "maximum"), "explain.choice-largest"),
    **{f"{name}max_pool{dims}d": "explain.choice-largest" for name in ("", "adaptive_") for dims in (1, 2, 3)},
}
"""What these choose by."""


def _choice(teller: Teller, found: Explanation) -> Parts:
    condition = found.part("condition")
    if condition is not None:
        return _conditional(teller, found, condition)
    (part,) = found.parts
    chosen = found.chosen or 0
    key = "explain.choice-place" if "index" in found.constants else _SORTS.get(teller.kind, "explain.choice")
    values = {"count": len(part), "cell": teller.cell(part, chosen), "value": teller.n(float(part.values[chosen]))}
    # The chosen one first, then those that came nearest to it.
    near = (part.values.double() - part.values[chosen].double()).abs()
    shown = torch.argsort(near, stable=True)[: teller.limit or len(part)].tolist()
    mark = teller.words("cli.explain.chosen")
    rows = [(teller.cell(part, k), teller.n(float(part.values[k])), f"← {mark}" if k == chosen else "") for k in shown]
    return [teller.say(key, **values), "", _listed(teller, rows, more=True), *teller.more(len(part) - len(shown))]


def _conditional(teller: Teller, found: Explanation, condition: Part) -> Parts:
    holds, where = bool(condition.values[0]), teller.cell(condition)
    key = "explain.holds" if holds else "explain.holds-not"
    if "taken" in found.constants:
        return [teller.say(key, condition=where, cell=teller.n(found.constants["taken"]))]
    return [teller.say(key, condition=where, cell=teller.named(found.parts[0]))]


def _function(teller: Teller, found: Explanation) -> Parts:
    named = [f"{part.role} = {teller.named(part)}" for part in found.parts]
    parts: Parts = [teller.say("explain.function", formula=found.formula), ""]
    return [*parts, *(Padding(Text(name), (0, 0, 0, 2)) for name in named)]


def _product(teller: Teller, found: Explanation) -> Parts:
    constants = found.constants
    above = [part for part in found.parts if part.role != "divisor"]
    divisor = found.part("divisor")
    key = "explain.ratio" if divisor is not None or "divisor" in constants else "explain.product-of"
    every = [(part, k) for part in above for k in range(len(part))]
    shown = every[: teller.limit or len(every)]
    rows = [(teller.cell(part, k), teller.n(float(part.values[k]))) for part, k in shown]
    rows += [("", teller.n(constants["factor"]))] if "factor" in constants else []
    if divisor is not None:
        rows.append((f"/ {teller.cell(divisor)}", teller.n(float(divisor.values[0]))))
    if "divisor" in constants:
        rows.append(("/", teller.n(constants["divisor"])))
    return [teller.say(key), "", _listed(teller, rows), *teller.more(len(every) - len(shown))]


def _normalisation(teller: Teller, found: Explanation) -> Parts:
    """(x − mean) / √(variance + eps) · scale + shift, and each of these; rms_norm has no mean."""
    constants, over = found.constants, found.part("over")
    centred = teller.kind != "rms_norm"
    spread = "variance" if centred else "mean square"
    rows = []
    for part in found.parts:
        if part.role not in ("over", "mean", "variance"):
            rows.append((part.role, teller.cell(part), teller.n(float(part.values[0]))))
    for name in ("mean", "variance") if centred else ("variance",):
        kept = found.part(name)
        where = teller.cell(kept) if kept is not None else teller.words("cli.explain.of-cells", count=len(over or ()))
        rows.append((spread if name == "variance" else name, where, teller.n(constants[name])))
    rows.append(("eps", "", teller.n(constants["eps"])))
    order = ("x", "mean", spread, "eps", "scale", "shift")
    rows.sort(key=lambda row: order.index(row[0]))
    formula = f"{'(x − mean)' if centred else 'x'} / √({spread} + eps)"
    formula += " · scale" * (found.part("scale") is not None) + " + shift" * (found.part("shift") is not None)
    table = columns(
        [
            Column("", style="cyan"),
            Column(teller.words("cli.explain.cell"), style="cyan", shrinks=True),
            Column(teller.words("cli.explain.value"), right=True),
        ],
        rows,
    )
    return [teller.say("explain.normalisation", formula=formula), "", table]


def _softmax(teller: Teller, found: Explanation) -> Parts:
    """Every x of the row with its share, the largest first."""
    logit, every = found.part("logit"), found.part("logits")
    assert logit is not None
    assert every is not None
    wide = every.values.double()
    shares = (wide - found.constants["largest"]).exp() / found.constants["sum"]
    key = "explain.log-softmax" if "logarithm" in found.constants else "explain.softmax"
    shown = teller.order(shares)
    mine = logit.at[0].tolist()
    mark = teller.words("cli.explain.this")
    rows = [
        (
            teller.cell(every, k),
            teller.n(float(every.values[k])),
            teller.n(float(shares[k])),
            f"← {mark}" if every.at[k].tolist() == mine else "",
        )
        for k in shown
    ]
    words = teller.words
    table = columns(
        [
            Column(words("cli.explain.cell"), style="cyan", shrinks=True),
            Column("x", right=True),
            Column(words("cli.explain.share"), right=True),
            Column(""),
        ],
        rows,
    )
    said = teller.say(key, x=teller.named(logit), count=len(every))
    return [said, "", table, *teller.more(len(every) - len(shown), _rest(shares, shown))]


def _move(teller: Teller, found: Explanation) -> Parts:
    if not found.parts:
        return [teller.say("explain.fill", number=teller.n(found.constants["fill"]))]
    part, *beside = found.parts
    parts: Parts = [teller.say("explain.move", cell=teller.named(part))]
    return [*parts, *(teller.say("explain.index", index=teller.named(each)) for each in beside)]


_TELLERS: dict[Form, Callable[[Teller, Explanation], Parts]] = {
    "sum-of-products": _sum_of_products,
    "sum": _sum,
    "choice": _choice,
    "function": _function,
    "product": _product,
    "normalisation": _normalisation,
    "softmax": _softmax,
    "move": _move,
}
