"""The domain: layers and networks, their activations, the one forward pass and what it means.

Imports torch and NumPy only; nothing here knows about HTTP.
"""
