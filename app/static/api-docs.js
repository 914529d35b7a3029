// Draws the OpenAPI document. A file of its own, because the page's policy allows no script inside it.
const { dataset, classList } = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => classList.toggle("dark-mode", dataset.theme ? dataset.theme === "dark" : dark.matches);
follow();
dark.addEventListener("change", follow);
window.SwaggerUIBundle({ url: `${dataset.root ?? ""}/api/v1/openapi.json`, dom_id: "#api-docs", deepLinking: true });
