"""The shapes of what operations take, as people write them. What torch itself refuses is found by running it."""

from adelante.network.operations.operation import Operation

BROADCASTS = "broadcasts"
ANY = "any"
WHOLE = "whole-numbers"
_SIDES = {1: "length", 2: "height, width", 3: "depth, height, width"}
_KERNELS = {1: "kernel_length", 2: "kernel_height, kernel_width", 3: "kernel_depth, kernel_height, kernel_width"}
_CHANNELS = "(channels,)"
_SHAPES: dict[str, dict[str, str]] = {
    "dense": {"inputs": "(batch, …, n_in)", "weights": "(n_in, n_out)", "biases": "(n_out,)"},
    "linear": {"inputs": "(batch, …, n_in)", "weights": "(n_out, n_in)", "biases": "(n_out,)"},
    "matmul": {"inputs": "(…, rows, inner)", "other": "(…, inner, columns)"},
    "addmm": {"bias": BROADCASTS, "inputs": "([batch,] rows, inner)", "other": "([batch,] inner, columns)"},
    "batch_norm": {
        "inputs": "(batch, channels, …)",
        **dict.fromkeys(("mean", "variance", "scale", "shift"), _CHANNELS),
    },
    "layer_norm": {"inputs": "(…, *normalized_shape)", "scale": "normalized_shape", "shift": "normalized_shape"},
    "rms_norm": {"inputs": "(…, *normalized_shape)", "scale": "normalized_shape"},
    "group_norm": {"inputs": "(batch, channels, …)", "scale": _CHANNELS, "shift": _CHANNELS},
    "instance_norm": {"inputs": "(batch, channels, …)", "scale": _CHANNELS, "shift": _CHANNELS},
    "embedding": {"weights": "(entries, features)", "inputs": WHOLE},
    "gather": {"inputs": ANY, "index": WHOLE},
    "index_select": {"inputs": ANY, "index": WHOLE},
    "index": {"inputs": ANY, "index": WHOLE},
    "scatter": {"inputs": ANY, "index": WHOLE, "src": "index.shape"},
    "scatter_add": {"inputs": ANY, "index": WHOLE, "src": "index.shape"},
    "index_put": {"inputs": ANY, "src": "inputs[…, index, …]", "index": WHOLE},
    "index_add": {"inputs": ANY, "src": "inputs[…, index, …]", "index": WHOLE},
    "pixel_shuffle": {"inputs": "(batch, channels · upscale_factor², height, width)"},
    "unfold": {"inputs": "(batch, channels, height, width)"},
    "upsample_bilinear2d": {"inputs": "(batch, channels, height, width)"},
    "upsample_nearest": {"inputs": "(batch, channels, …)"},
    "slice_scatter": {"inputs": ANY, "src": "inputs[…, start:end:step, …]"},
    "select_scatter": {"inputs": ANY, "src": "inputs[…, index, …]"},
    "tril": {"inputs": "(…, rows, columns)"},
    "triu": {"inputs": "(…, rows, columns)"},
}


def shape_rule(kind: str, operation: type[Operation], operand: str) -> str:
    """The shape of an operand: as people write it, or BROADCASTS, ANY or WHOLE, for which there are sentences."""
    known = _SHAPES.get(kind, {}).get(operand)
    if known is not None:
        return known
    sides = getattr(operation, "DIMS", None)
    if kind.startswith("conv") and sides:
        outer = (
            ("in_channels", "out_channels / groups")
            if "transpose" in kind
            else ("out_channels", "in_channels / groups")
        )
        return {
            "inputs": f"(batch, in_channels, {_SIDES[sides]})",
            "weights": f"({outer[0]}, {outer[1]}, {_KERNELS[sides]})",
            "biases": "(out_channels,)",
        }[operand]
    if "pool" in kind and sides:
        return f"(batch, channels, {_SIDES[sides]})"
    return BROADCASTS if len(operation.OPERANDS) > 1 else ANY
