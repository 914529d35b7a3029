"""The headers that every page wears: no script, style or connection that is not this server's own."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "base-uri 'none'",
    )
)

# The embed view is made for other pages' frames; nothing in it is worth a stolen click. The directive is left out:
# its `*` means pages of the network alone, and not slides on disk or an application's own pages.
EMBED_POLICY = POLICY.replace("frame-ancestors 'self'; ", "")

PAGE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    # Nothing here asks for them, and a frame within it, were there one, could not either.
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()",
    "Cache-Control": "no-cache",
}
