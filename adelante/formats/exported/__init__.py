"""Programs of torch.export (.pt2), read by our own code: torch.export.load would run what stands in them."""
