export const ROLE = "aws:iam/role:Role";

/** The input of a role that says who may take it. */
export const TRUST = "assumeRolePolicy";
