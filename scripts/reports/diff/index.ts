export { renderMarkdown } from "./markdown.ts";
export { type TerminalOptions, renderTerminal } from "./terminal.ts";
