"""What NumPy lacks, as the functions that a generated program brings along: they are printed as they stand here.

So they have no annotations. Those of one array z are the activations, giving torch's values in z's own precision.
"""

import math

import numpy as np


def identity(z):
    return z


def sigmoid(z):
    e = np.exp(-np.abs(z))  # never overflows
    return np.where(z >= 0, 1, e) / (1 + e)


def tanh(z):
    return np.tanh(z)


def relu(z):
    return np.maximum(z, 0)


def leaky_relu(z):
    return np.where(z > 0, z, 0.01 * z)


def elu(z):
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))


def selu(z):
    alpha, scale = 1.6732632423543772, 1.0507009873554805
    return scale * np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))


def gelu(z):
    erf = np.vectorize(math.erf, otypes=[z.dtype])  # NumPy has no erf of its own
    return z * 0.5 * (1 + erf(z / math.sqrt(2)))


def gelu_tanh(z):
    return 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))


def silu(z):
    return z * sigmoid(z)


def mish(z):
    return z * np.tanh(softplus(z))


def softplus(z):
    return np.logaddexp(0, z).astype(z.dtype)


def softsign(z):
    return z / (1 + np.abs(z))


def log_sigmoid(z):
    return -softplus(-z)


def relu6(z):
    return np.clip(z, 0, 6)


def hardtanh(z):
    return np.clip(z, -1, 1)


def hardsigmoid(z):
    return np.clip(z + 3, 0, 6) / 6


def hardswish(z):
    return z * np.clip(z + 3, 0, 6) / 6


def tanhshrink(z):
    return z - np.tanh(z)


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def safe_softmax(z):
    """Softmax, and 0 where all of a row is -inf."""
    return np.where(z.max(axis=-1, keepdims=True) == -np.inf, 0, softmax(np.maximum(z, np.finfo(z.dtype).min)))


def log_softmax(z):
    shifted = z - z.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def erf(x):
    """NumPy has none of its own."""
    return np.vectorize(math.erf, otypes=[np.result_type(x, np.float32)])(x)


def erfc(x):
    """NumPy has none of its own."""
    return np.vectorize(math.erfc, otypes=[np.result_type(x, np.float32)])(x)


def windows(x, kernel, stride=None, dilation=None):
    """Every window over the last dimensions of x: (..., *places, *kernel). A view: nothing is copied."""
    dims = len(kernel)
    dilation = dilation or (1,) * dims
    span = [step * (size - 1) + 1 for size, step in zip(kernel, dilation)]
    whole = np.lib.stride_tricks.sliding_window_view(x, span, axis=tuple(range(-dims, 0)))
    places, within = ([slice(None, None, step) for step in steps] for steps in (stride or (1,) * dims, dilation))
    return whole[..., *places, *within]


def by_groups(sums, x, weights, groups):
    """Each group of channels with weights of its own, by an einsum; one group's results after the other's."""
    parts = zip(np.split(x, groups, axis=1), np.split(weights, groups))
    return np.concatenate([np.einsum(sums, *part, optimize=True) for part in parts], axis=1)


def conv_transpose(x, weights, size, stride, padding, dilation, groups):
    """Each number of x adds the kernel, times itself, to a place of `size`, of which the padding is cut off."""
    places, kernel = x.shape[2:], weights.shape[2:]
    ends = [(n - 1) * s + d * (k - 1) + 1 for n, s, d, k in zip(places, stride, dilation, kernel)]
    room = [max(end, most + before) for end, most, before in zip(ends, size, padding)]
    whole = np.zeros((len(x), groups * weights.shape[1], *room), x.dtype)
    for at in np.ndindex(*kernel):
        firsts = [i * d for i, d in zip(at, dilation)]
        to = [slice(first, first + (n - 1) * s + 1, s) for first, n, s in zip(firsts, places, stride)]
        whole[:, :, *to] += by_groups("nc...,co->no...", x, weights[:, :, *at], groups)
    return whole[:, :, *(slice(before, before + most) for before, most in zip(padding, size))]


def largest_places(windows, numbers, dims):
    """For each window, the number that stands in `numbers` where the window is largest."""
    flat = windows.reshape(*windows.shape[:-dims], -1)
    beside = np.broadcast_to(numbers.reshape(*numbers.shape[:-dims], -1), flat.shape)
    return np.take_along_axis(beside, flat.argmax(axis=-1, keepdims=True), axis=-1)[..., 0]


def adaptive_pool(x, size, pool):
    """`pool` (np.mean, np.max) of each of `size` stretches of the last dimensions, which may overlap."""
    for axis, places in zip(range(-len(size), 0), size):
        length = x.shape[axis]
        ends = [(k * length // places, -(-(k + 1) * length // places)) for k in range(places)]
        x = np.stack([pool(np.take(x, range(*end), axis), axis=axis) for end in ends], axis)
    return x


def normalised(x, axes, eps):
    """Mean 0 and variance 1 over these axes."""
    mean, variance = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(variance + eps)


def nearest(places, size, scale):
    """For each place, which of `size` is nearest; torch counts in float32."""
    there = np.floor(np.arange(places, dtype=np.float32) * np.float32(scale))
    return np.minimum(there.astype(int), size - 1)


def interpolated(x, axis, there):
    """x at the places `there` along an axis: between two numbers, each counts as much as it is near."""
    low = np.minimum(np.floor(there).astype(int), x.shape[axis] - 1)
    high = np.minimum(low + 1, x.shape[axis] - 1)
    near = (there - low).astype(x.dtype).reshape(-1, *(1,) * (-1 - axis))
    return np.take(x, low, axis) * (1 - near) + np.take(x, high, axis) * near


def laid_over(x, src, place):
    """x with src at this place."""
    result = x.copy()
    result[place] = src
    return result


def added_at(x, src, place):
    """x with src added at this place, as often as the place is named."""
    result = x.copy()
    np.add.at(result, place, src)
    return result


def in_order(x, axis, descending=False):
    """Where the smallest along an axis is, then the next one; of equal ones, the first comes first."""
    if not descending:
        return np.argsort(x, axis=axis, kind="stable")
    back = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
    return x.shape[axis] - 1 - np.flip(back, axis)


def scattered(x, axis, index, src, add=False):
    """x with src laid, or added, along an axis at the places of `index`."""
    result, at = x.copy(), list(np.indices(index.shape, sparse=True))
    at[axis] = index
    part = src[tuple(slice(size) for size in index.shape)] if np.ndim(src) else src
    if add:
        np.add.at(result, tuple(at), part)
    else:
        result[tuple(at)] = part
    return result
