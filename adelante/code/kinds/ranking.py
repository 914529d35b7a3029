"""Places in order of size."""

from adelante.code.rules import write

write(
    "argsort",
    "torch.sort({inputs}, dim={dim}, descending={descending}, stable=True).indices",
    "in_order({inputs}, {dim}, {descending})",
)
write(
    "argtopk",
    "torch.topk({inputs}, {k}, dim={dim}, largest={largest}).indices",
    "np.take(in_order({inputs}, {dim}, {largest}), range({k}), axis={dim})",
)
