import "../styles/tokens.css";
import "../styles/base.css";
import "./styles/page.css";
import "./styles/text.css";
import "./styles/controls.css";
import "./styles/piece.css";
import "./styles/exercise.css";
import "./styles/contents.css";
import "./styles/assignment.css";
import "./styles/workbench.css";
import { storageOf } from "../studio/storage";
import { translator } from "../text/messages";
import { bearTranslation } from "../text/translation";
import { readLessonData } from "./data";
import { readAssignment, showAssignment } from "./assignment";
import { liveExercise } from "./exercises";
import { showProgress } from "./contents";
import { livePieces } from "./pieces";
import { liveTheme } from "./theme";

const data = readLessonData(document);
const t = translator(data.messages);
const storage = storageOf(window, "localStorage");

bearTranslation(document.body);
liveTheme(document, t);
for (const section of document.querySelectorAll<HTMLElement>("[data-exercise]")) {
  liveExercise(section, { language: data.language, t, storage });
}
showProgress(document, t, storage);

const assignment = await readAssignment(location.hash);
if (assignment) showAssignment(document, assignment, t);
const builder = document.querySelector<HTMLElement>("[data-builder]");
if (builder) (await import("./mountBuilder")).mountBuilder(builder, data);
const place = document.querySelector<HTMLElement>("[data-class]");
if (place) await (await import("./mountClass")).mountClass(place, assignment, data);
livePieces(document, data, assignment?.lock ?? [], assignment?.hide ?? []);
