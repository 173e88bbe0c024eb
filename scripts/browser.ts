/** Where a browser may be that Playwright can drive: Debian's package, what GitHub's runners bring, macOS. */
export const CHROMIUM: readonly string[] = [
  "/usr/bin/chromium",
  "/usr/bin/google-chrome",
  "/usr/bin/chromium-browser",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
