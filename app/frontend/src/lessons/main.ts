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
import { Answers, coverAnswers } from "./answers";
import { readAssignment, showAssignment } from "./assignment";
import { liveExercise } from "./exercises";
import { showProgress } from "./contents";
import { livePieces } from "./pieces";
import { liveTheme } from "./theme";

const data = readLessonData(document);
const t = translator(data.messages);
const storage = storageOf(window, "localStorage");

const answers = new Answers();

bearTranslation(document.body);
liveTheme(document, t);
coverAnswers(document, answers);
const assignment = await readAssignment(location.hash);
const strict = assignment?.hide.includes("solutions") ?? false;
for (const section of document.querySelectorAll<HTMLElement>("[data-exercise]")) {
  liveExercise(section, { language: data.language, t, storage, answers, strict });
}
showProgress(document, t, storage);

if (assignment) await showAssignment(document, assignment, t, answers);
const builder = document.querySelector<HTMLElement>("[data-builder]");
if (builder) (await import("./mountBuilder")).mountBuilder(builder, data);
const place = document.querySelector<HTMLElement>("[data-class]");
if (place) await (await import("./mountClass")).mountClass(place, assignment, data, answers);
livePieces(document, data, assignment?.lock ?? [], assignment?.hide ?? [], answers);
