import { Part } from "../parts/part";
import { preloaded } from "../parts/served";

/** The studio's parts, each in one file: a file costs a browser more than most of what would stand in it alone. */
export const OF_NETWORK = new Part(() => import("./network"));
export const OF_PAGE = new Part(() => import("./page"));
/** Of the page of a network of any kind, whose head asks for it. */
export const BESIDE = new Part(() => import("./beside"), preloaded);
export const OF_SHARING = new Part(() => import("./sharing"));
