/** What one types into: keys mean what they write there. */
export const TYPED = "input:not([type=range], [type=radio], [type=checkbox]), textarea, [contenteditable]";
