import { flushSync, mount } from "svelte";

import App from "./App.svelte";
import { readStudioData } from "./studio/data";
import { arrive } from "./studio/handover";
import { Studio } from "./studio/studio.svelte";
import "./styles/tokens.css";
import "./styles/base.css";

const target = document.getElementById("studio");
if (!target) throw new Error("the page has no place for the studio");

const left = arrive(sessionStorage);
const studio = new Studio(readStudioData(document), left && { state: left, key: "studio.did-continue" });
target.replaceChildren();
mount(App, { target, props: { studio } });
flushSync();
