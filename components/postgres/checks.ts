/**
 * Health checks in Docker's form for images that have bash and no HTTP client: bash opens connections itself.
 * https://www.gnu.org/software/bash/manual/html_node/Redirections.html
 */
function bash(script: string): string[] {
  return ["CMD", "bash", "-c", script];
}

const connect = (port: number): string => `exec 3<>/dev/tcp/127.0.0.1/${port}`;

/** Something listens. */
export function answersOn(port: number): string[] {
  return bash(connect(port));
}

/** The path answers with status 200. */
export function isFoundAt(port: number, path: string): string[] {
  const request = `printf 'GET ${path} HTTP/1.0\\r\\n\\r\\n' >&3`;
  return bash(`${connect(port)} && ${request} && read -r line <&3 && [[ $line == *" 200 "* ]]`);
}
