/** Where the secrets of one scope are in GitHub's REST API. */
export interface GithubScope {
  readonly kind: "org" | "repo" | "env";
  /** Path of the list, as a template of {@link parameters}. https://docs.github.com/en/rest/actions/secrets */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** What GitHub lets accounts and repositories be called; `_` is in those of managed users. */
const OWNER = "[A-Za-z0-9](?:[\\w-]*[A-Za-z0-9])?";
const REPOSITORY = "(?!\\.{1,2}(?:/|$))[\\w.-]+";
const SCOPE = new RegExp(`^(?:org:(${OWNER})|repo:(${OWNER})/(${REPOSITORY})|env:(${OWNER})/(${REPOSITORY})/(\\S.*))$`);

/** `org:acme`, `repo:acme/shop` or `env:acme/shop/production`; an environment's name may have slashes of its own. */
export function githubScope(scope: string): GithubScope | undefined {
  const [, org, owner, repo, ownerOfIt, repoOfIt, environment] = SCOPE.exec(scope) ?? [];
  if (org !== undefined) return { kind: "org", path: "/orgs/{org}/actions/secrets", parameters: { org } };
  if (owner !== undefined && repo !== undefined)
    return { kind: "repo", path: "/repos/{owner}/{repo}/actions/secrets", parameters: { owner, repo } };
  if (ownerOfIt === undefined || repoOfIt === undefined || environment === undefined) return undefined;
  return {
    kind: "env",
    path: "/repos/{owner}/{repo}/environments/{environment_name}/secrets",
    parameters: { owner: ownerOfIt, repo: repoOfIt, environment_name: environment },
  };
}

export function wrongGithubScope(scope: string): string | undefined {
  if (githubScope(scope) !== undefined) return undefined;
  return "write org:acme for an organisation, repo:acme/shop for a repository, or env:acme/shop/production for one of its environments";
}
