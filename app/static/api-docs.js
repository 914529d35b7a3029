// Draws the OpenAPI document. A file of its own, because the page's policy allows no script inside it.
window.SwaggerUIBundle({ url: `${document.documentElement.dataset.root ?? ""}/api/v1/openapi.json`, dom_id: "#api-docs", deepLinking: true });
