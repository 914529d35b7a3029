"""HTTP: decode, check, encode. What a pass is lives in app.network, where it runs in app.compute."""
