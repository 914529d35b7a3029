"""The same network as source text: PyTorch, NumPy, curl or JSON, giving the same digits."""

from adelante.code.text import code_size, generate, needs_file

__all__ = ["code_size", "generate", "needs_file"]
