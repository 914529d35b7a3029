"""HTTP: decode, check, encode. What a pass is lives in adelante.network, where it runs in app.compute."""
