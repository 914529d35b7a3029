"""What can be written in the tensor lab, as its page lists it. Each group's key in the catalogs comes first."""

OPERATION_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "lessons.lab-make",
        (
            "torch.tensor([[1.0, 2.0], [3.0, 4.0]])",
            "torch.zeros(2, 3)",
            "torch.ones(2, 3)",
            "torch.arange(6)",
            "np.array([0.5, 1.5])",
        ),
    ),
    ("lessons.lab-draw", ("torch.manual_seed(7)", "torch.rand(2, 3)", "torch.randn(2, 3)", "torch.randn_like(a)")),
    (
        "lessons.lab-compute",
        (
            "a + b",
            "a * b",
            "torch.mm(a, b)",
            "a @ b",
            "torch.sum(a)",
            "a.sum(dim=0)",
            "torch.exp(a)",
            "torch.sigmoid(a)",
        ),
    ),
    ("lessons.lab-shape", ("a.view(3, 2)", "a.reshape(3, 2)", "a.T", "a.clone()")),
    ("lessons.lab-bridge", ("torch.from_numpy(a)", "b.numpy()")),
    (
        "lessons.lab-in-place",
        (
            "b.add_(1)",
            "b.mul_(4)",
            "b.exp_()",
            "b.sigmoid_()",
            "b.zero_()",
            "b.fill_(7)",
            "b.t_()",
            "b.resize_(2, 2)",
        ),
    ),
)
