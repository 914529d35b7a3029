"""The calls that an exported program may make: a closed dictionary from the names in its file to torch's own.

What `tracing.aten` knows is in it, and what torch takes apart into that. A name that a file writes is looked up here
and nowhere else.
"""

import operator
from collections.abc import Callable
from functools import cache
from typing import Any

import torch

from adelante.tracing.aten import ATEN

# ATen's operations that the reader of a graph never meets, because torch has taken them apart before.
_TAKEN_APART = (
    *("lstm", "gru", "rnn_tanh", "rnn_relu", "lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell"),
    *("_convolution", "_convolution_mode", "_weight_norm", "_weight_norm_interface", "_pad_circular", "_pad_enum"),
    *("_scaled_dot_product_flash_attention_for_cpu", "_scaled_dot_product_attention_math", "_fused_rms_norm"),
    *("_upsample_nearest_exact1d", "_upsample_nearest_exact2d", "_upsample_nearest_exact3d", "_reshape_alias"),
    *("upsample_linear1d", "upsample_bicubic2d", "upsample_trilinear3d", "affine_grid_generator", "grid_sampler"),
    *("addbmm", "addcdiv", "addcmul", "addmv", "addr", "inner", "outer", "ger", "kron", "vdot", "tensordot", "einsum"),
    *("chain_matmul", "linalg_matmul", "linalg_multi_dot", "linalg_vecdot", "linalg_cross", "cross", "bilinear"),
    *("norm", "linalg_norm", "linalg_vector_norm", "linalg_matrix_norm", "frobenius_norm", "dist", "cdist"),
    *("cosine_similarity", "pairwise_distance", "std_mean", "nanmean", "nansum", "logsumexp", "count_nonzero"),
    *("aminmax", "trace", "diff", "gradient", "log_sigmoid_forward", "glu", "logit", "sinc", "sgn", "signbit", "frac"),
    *("fix", "xlogy", "logaddexp", "logaddexp2", "copysign", "heaviside", "float_power", "lerp", "ldexp", "deg2rad"),
    *("rad2deg", "nan_to_num", "fmax", "fmin", "isclose", "isposinf", "isneginf", "absolute", "negative", "multiply"),
    *("subtract", "divide", "greater", "greater_equal", "less", "less_equal", "not_equal", "arccos", "arccosh"),
    *("arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "special_expit", "special_logit", "special_exp2"),
    *("special_expm1", "special_erf", "special_erfc", "special_log1p", "special_log_softmax", "special_softmax"),
    *("special_logsumexp", "special_sinc", "special_xlogy", "special_xlog1py", "special_round", "special_entr"),
    *("concatenate", "hstack", "vstack", "dstack", "row_stack", "column_stack", "block_diag", "atleast_1d"),
    *("atleast_2d", "atleast_3d", "broadcast_tensors", "meshgrid", "tile", "movedim", "moveaxis", "swapdims", "ravel"),
    *("adjoint", "mH", "fliplr", "flipud", "rot90", "tensor_split", "hsplit", "vsplit", "dsplit", "narrow_copy"),
    *("channel_shuffle", "native_channel_shuffle", "pixel_unshuffle", "col2im", "diag", "diag_embed", "diagflat"),
    *("diagonal_scatter", "alias_copy", "expand_copy", "permute_copy", "select_copy", "slice_copy", "squeeze_copy"),
    *("t_copy", "transpose_copy", "unbind_copy", "unsqueeze_copy", "view_copy", "sum_to_size", "lift", "size"),
    *("index_add", "index_copy", "index_fill", "take", "take_along_dim", "one_hot", "embedding_bag", "zero"),
    *("linspace", "eye", "tril_indices", "triu_indices", "vander", "unsqueeze_", "view_as_complex", "numel"),
    *("reshape_as", "positive", "real", "msort", "linalg_diagonal", "matrix_power", "linalg_matrix_power", "rrelu"),
    *("quantile", "nanquantile", "trapezoid", "trapz", "cumulative_trapezoid", "cartesian_prod", "special_ndtr"),
    *("l1_loss", "mse_loss", "smooth_l1_loss", "huber_loss", "kl_div", "binary_cross_entropy", "nll_loss_nd"),
    *("binary_cross_entropy_with_logits", "cross_entropy_loss", "nll_loss", "nll_loss2d", "soft_margin_loss"),
    *("poisson_nll_loss", "hinge_embedding_loss", "margin_ranking_loss", "triplet_margin_loss"),
    *("cosine_embedding_loss",),
    *("sym_size", "sym_stride", "sym_numel", "sym_storage_offset", "sym_constrain_range_for_size"),
    *("_assert_tensor_metadata", "_assert_scalar", "_assert_async"),
)
# What is computed with sizes.
_SIZES: dict[str, Callable[..., Any]] = {
    "_operator.add": operator.add,
    "_operator.sub": operator.sub,
    "_operator.mul": operator.mul,
    "_operator.floordiv": operator.floordiv,
    "_operator.mod": operator.mod,
    "_operator.neg": operator.neg,
    "_operator.eq": operator.eq,
    "_operator.ne": operator.ne,
    "_operator.ge": operator.ge,
    "_operator.gt": operator.gt,
    "_operator.le": operator.le,
    "_operator.lt": operator.lt,
    "_operator.and_": operator.and_,
    "_operator.or_": operator.or_,
    "torch.sym_max": torch.sym_max,
    "torch.sym_min": torch.sym_min,
    "torch.sym_not": torch.sym_not,
}


@cache
def calls() -> dict[str, Callable[..., Any]]:
    """Every call by the name that a file writes: torch.ops.aten.conv2d.default, _operator.mul."""
    found = dict(_SIZES)
    for name in dict.fromkeys([*ATEN, *_TAKEN_APART]):
        # A call with a _ changes its first operand; torch makes a call without out of it.
        for each in (name, f"{name}_"):
            packet = getattr(torch.ops.aten, each, None)
            if packet is None:
                # Our table has functions that are torch's, but not ATen's.
                continue
            for overload in packet.overloads():
                call = getattr(packet, overload)
                if not any(argument.is_out for argument in call._schema.arguments):
                    found[f"torch.ops.aten.{each}.{overload}"] = call
    return found


def gives_one_tensor(call: Callable[..., Any]) -> bool:
    """Whether the call's result is a tensor, or a number, and no list of them."""
    if not isinstance(call, torch._ops.OpOverload):
        return True
    returned = call._schema.returns
    return len(returned) == 1 and not isinstance(returned[0].type, torch.ListType)


def shown(target: str) -> str:
    """What a call is called in words: torch.ops.aten.conv2d.default is conv2d."""
    parts = target.split(".")
    name = parts[-2] if target.startswith("torch.ops.") and len(parts) >= 5 else target
    if target.startswith("torch.ops.") and not target.startswith("torch.ops.aten."):
        name = ".".join(parts[2:4])
    return "".join(each if each.isprintable() else "?" for each in name[:100])
