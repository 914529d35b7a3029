import "../styles/tokens.css";
import "../styles/base.css";
import "./lessons.css";
import { translator } from "../text/messages";
import { readLessonData } from "./data";
import { liveExercise } from "./exercises";
import { showProgress } from "./contents";
import { livePieces } from "./pieces";
import { liveTheme } from "./theme";

const data = readLessonData(document);
const t = translator(data.messages);

liveTheme(document, t);
for (const section of document.querySelectorAll<HTMLElement>("[data-exercise]")) {
  liveExercise(section, { language: data.language, t, storage: localStorage });
}
showProgress(document, t, localStorage);
livePieces(document, data);
