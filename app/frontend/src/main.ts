import { flushSync, mount } from "svelte";

import App from "./App.svelte";
import { arrived } from "./share/arrivals";
import { endOpening } from "./share/opening";
import { readStudioData } from "./studio/data";
import { Studio } from "./studio/studio.svelte";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/print.css";

const target = document.getElementById("studio");
if (!target) throw new Error("the page has no place for the studio");

const data = readStudioData(document);
const { arrival, problem } = await arrived(data.language, data.embed);
const studio = new Studio(data, arrival);
if (problem !== null) studio.problem = studio.t(problem);
target.replaceChildren();
mount(App, { target, props: { studio } });
flushSync();
// A frame was painted, and the next one begins.
requestAnimationFrame(() => requestAnimationFrame(() => endOpening()));
addEventListener("pagehide", () => endOpening());
