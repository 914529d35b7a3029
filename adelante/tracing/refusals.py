"""What is said of a call that no operation stands for: which, where, and what its author can do instead."""

import re

import torch

from adelante.network.errors import Fault
from adelante.network.network import NetworkFault

_RANDOM = {
    *("rand", "randn", "randint", "rand_like", "randn_like", "randint_like", "randperm", "bernoulli", "normal"),
    *("normal_functional", "multinomial", "uniform", "exponential", "poisson", "log_normal", "geometric", "cauchy"),
    *("native_dropout", "dropout", "random"),
}
_TRY = (
    "Write the line with operations that are in it, or trace the module up to there; what training alone needs goes "
    "under `if self.training:`."
)
_COMPLEX = {
    *("complex", "polar", "real", "imag", "angle", "conj", "_conj", "_conj_physical", "resolve_conj", "view_as_real"),
    *("view_as_complex", "_fft_r2c", "_fft_c2c", "_fft_c2r", "stft", "istft"),
}
_COMPLEX_TRY = (
    "Complex numbers can't be followed: write the line with real ones (a rotation is products with cos and sin)."
)
_AS_STRIDED_TRY = (
    "It says where numbers lie in memory, which no network has: write the line with x.unfold(dim, size, step), "
    "reshape, transpose or slices."
)
_MASK_TRY = (
    "A mask that stays the same can be the places where it holds, mask.nonzero().squeeze(1) kept as a buffer; one that "
    "depends on the numbers is torch.where(mask, x, 0), or a product with it."
)
_REPEAT_TRY = "Say how many there will be: repeat_interleave(repeats, dim, output_size=n)."
_RANDOM_TRY = (
    "Take them as one more input of forward; or, where inference does without them, draw them under "
    "`if self.training:` alone (F.dropout(x, p, self.training))."
)
_QUANTISED_TRY = "Trace the module as it is before it is quantised."
_COND_TRY = (
    "Have both results computed, and one of them taken: torch.where(condition, first, second). Which of its parts a "
    "program runs can't be followed."
)
_LOOP_TRY = "Write it as a loop of Python's (for t in range(n)), of a number of steps that the numbers do not change."
_EXPERTS_TRY = (
    "Of transformers' mixtures of experts the form that can be followed is "
    "model.set_experts_implementation('batched_mm'); elsewhere, count with comparisons, "
    "(x.unsqueeze(-1) == torch.arange(n)).sum(0), and multiply with x.unsqueeze(1) @ weight[expert]."
)
# By how what is refused begins.
_TRIES = (
    ("cond", _COND_TRY),
    ("while_loop", _LOOP_TRY),
    ("scan", _LOOP_TRY),
    ("associative_scan", _LOOP_TRY),
    ("map_impl", "Write it for all of them at once, or with torch.vmap."),
    ("fake_quantize", _QUANTISED_TRY),
    ("quantize", _QUANTISED_TRY),
    ("flex_attention", "Write it with F.scaled_dot_product_attention, its mask as a tensor."),
    ("as_strided", _AS_STRIDED_TRY),
    ("indexing by a mask", _MASK_TRY),
    ("repeat_interleave by a tensor", _REPEAT_TRY),
    *((each, _EXPERTS_TRY) for each in ("histc", "_grouped_mm", "transformers::grouped_mm")),
)

DEPENDS = (
    "What depends on the numbers (if x.sum() > 0) has to be written as torch.where, or moved outside. "
    "torch.export.export(module, example, strict=False) by itself shows torch's whole message."
)
# By torch's words, and the author's line.
_WAYS = (
    (r"Cache'>", "Have it keep nothing for the next word: use_cache=False in its config."),
    (
        r"known type|pytree",
        "Return tensors, or tuples, lists, dictionaries and dataclasses of them; or have "
        "torch.utils._pytree.register_pytree_node know the class.",
    ),
    (r"fake tensor in the exported", "Write x.detach() where it says x.data, which torch.export does not follow."),
    (
        r"devices, .*\bmeta\b|on device meta",
        "Its parameters have shapes and no numbers (device meta): module.to_empty(device='cpu'), and load their "
        "state_dict.",
    ),
    (r"numpy", "NumPy is not followed: write the line with torch's functions."),
    (r"[Qq]uanti[sz]ed|PackedParams|ao\.quantization", _QUANTISED_TRY),
    (
        r"SymFloat|SymInt|SymBool",
        "A number of the pass is made into text or taken for Python's own there: leave that out of forward, or put it "
        "under `if not torch.compiler.is_exporting():`.",
    ),
    (
        r"pack_padded|packed",
        "Packed sequences are not followed: give each sequence at its own length, without packing.",
    ),
    (r"(?<!sub)[Ss]cript", "Trace the module as it is before torch.jit.script."),
    (
        r"NoneType",
        "What it takes as None here it can do without only outside torch.export: hand it in (an attention_mask, say).",
    ),
    (
        r"autograd\.grad|constant list",
        "Derivatives within forward are not followed: trace what is differentiated, and ask adelante.gradients.",
    ),
)


def way_out(words: str) -> str:
    """What the author of a module can do that torch.export refuses in these words."""
    return next((way for known, way in _WAYS if re.search(known, words)), DEPENDS)


def not_held(place: str, dtype: torch.dtype) -> NetworkFault:
    """The fault of numbers that are given or kept, of a type that networks do not have."""
    sort = str(dtype).removeprefix("torch.")
    hint = _COMPLEX_TRY if dtype.is_complex else _QUANTISED_TRY if sort.startswith("q") else "Make them .float() first."
    return NetworkFault(place, f"its numbers are of type {sort}, which networks do not have.", hint)


def not_in_the_list(place: str, what: str, source: str | None) -> NetworkFault:
    """The fault of a call that no operation stands for: in which module, which call, and its author's line."""
    what = what.removeprefix("prims::")
    where = f" ({source})" if source else ""
    values = {"place": place, "operation": what, "source": source or ""}
    if what.rstrip("_") in _RANDOM:
        key = "operation-random-of-line" if source else "operation-random"
        reason = f"{what} draws other numbers in each pass, so that no number could be told where it comes from{where}."
        return NetworkFault(place, reason, _RANDOM_TRY, fault=Fault("unsupported-file", key, "", values))
    key = "operation-of-line" if source else "operation-unknown"
    reason = f"it uses {what}, which is not in the list of operations{where}."
    hint = _COMPLEX_TRY if what in _COMPLEX or "complex" in what else _TRY
    for begins, way in _TRIES:
        if what.startswith(begins):
            hint = way
    return NetworkFault(place, reason, hint, fault=Fault("unsupported-file", key, "", values))
