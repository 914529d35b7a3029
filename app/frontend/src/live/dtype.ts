/** What the server computes the page's numbers in, whatever a network was kept in. */
export const DTYPE = "float32";
