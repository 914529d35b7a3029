"""Networks that outlive a request: those that come with the product and those that were handed over to be kept."""
