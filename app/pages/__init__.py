"""The pages: what a browser is served before the studio takes over."""
