// Who may import whom: design.md and CONTRIBUTING.md say it in words, this file enforces it.
const only = (name, from, allowed) => ({
  name,
  severity: "error",
  comment: `${from} may import only ${allowed.join(", ")}`,
  from: { path: `^${from}/` },
  to: { path: "^(stacks|components|policies|scripts|test)/", pathNot: allowed.map((folder) => `^${folder}/`) },
});
const tiers = ["postgres", "redis", "mongodb", "rabbitmq"];

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true, dependencyTypesNot: ["type-only"] } },
    { name: "not-to-test", severity: "error", from: { pathNot: "^test/" }, to: { path: "^test/" } },
    { name: "unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "not-to-dev-dep",
      severity: "error",
      from: { pathNot: "^(test|bench)/" },
      to: { dependencyTypes: ["npm-dev"], pathNot: "@types/" },
    },
    only("lib-is-a-leaf", "lib", ["lib"]),
    only("stacks-compose", "stacks", ["stacks", "components"]),
    only("components-know-components", "components", ["components"]),
    only("policies-stand-alone", "policies", ["policies"]),
    only("reports-stand-alone", "scripts/reports", ["scripts/reports"]),
    only("rehearsal-stands-alone", "scripts/rehearsal", ["scripts/rehearsal"]),
    only("commands-use", "scripts/commands", ["scripts", "components/secret-drift/checker"]),
    only("the-checker-stands-alone", "components/secret-drift/checker", ["components/secret-drift/checker"]),
    ...tiers.map((tier) => ({
      name: `${tier}-knows-no-other-tier`,
      severity: "error",
      from: { path: `^components/${tier}/` },
      to: {
        path: `^components/(${[...tiers.filter((other) => other !== tier), "monitoring", "backup", "gateway"].join("|")})/`,
      },
    })),
    {
      name: "workload-knows-no-tier",
      severity: "error",
      from: { path: "^components/workload/" },
      to: { path: `^components/(${[...tiers, "monitoring", "backup", "gateway"].join("|")})/` },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
