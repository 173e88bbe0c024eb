/** What programs need of the machine: where things are, and its times. */
const PASSED_ON = ["PATH", "HOME", "TMPDIR", "TZ", "LD_LIBRARY_PATH"];

/** What a program that we start gets of our environment: nothing that could be a credential of a store. */
export function childEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const known = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(known), LC_ALL: "C", ...more };
}
