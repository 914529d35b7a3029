import { flushSync, mount } from "svelte";

import App from "./App.svelte";
import { arrived } from "./share/arrivals";
import { readStudioData } from "./studio/data";
import { Studio } from "./studio/studio.svelte";
import { bearTranslation } from "./text/translation";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/print.css";

const target = document.getElementById("studio");
if (!target) throw new Error("the page has no place for the studio");

const data = readStudioData(document);
const { arrival, unreadable } = await arrived(data.language, data.embed);
const studio = new Studio(data, arrival);
if (unreadable) studio.problem = studio.t("studio.link-unreadable");
bearTranslation(document.body);
target.replaceChildren();
mount(App, { target, props: { studio } });
flushSync();
