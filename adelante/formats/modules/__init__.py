"""Networks from tensors as PyTorch's modules name them: `0.weight`, `fc1.bias`, `encoder.0.weight`, and no graph.

What such names can mean in one way is read so; where it is two, the sender is asked (`choices`).
"""
