import { Part } from "../parts/part";

/** The studio's parts, each in one file: a file costs a browser more than most of what would stand in it alone. */
export const OF_NETWORK = new Part(() => import("./network"));
export const OF_PAGE = new Part(() => import("./page"));
export const OF_SHARING = new Part(() => import("./sharing"));
