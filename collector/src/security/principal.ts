/** Roles in rising order: each may do what those before it may. */
export const roles = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

/** Who asks. Every request and every act of the service itself has one. */
export interface Principal {
  /** "operator:3f2a9c1d" for a token, "anonymous", or "local:<what>" for the service and its command line */
  name: string;
  /** null: nobody we know */
  role: Role | null;
}

export const anonymous: Principal = Object.freeze({ name: 'anonymous', role: null });

/** The person at the command line, or the service itself on their behalf. */
export function localPrincipal(what: string): Principal {
  return { name: `local:${what}`, role: 'admin' };
}

/** Whether `role` is enough where `needed` is asked for. */
export function permits(role: Role | null, needed: Role): boolean {
  return role !== null && roles.indexOf(role) >= roles.indexOf(needed);
}

export function isRole(text: unknown): text is Role {
  return roles.includes(text as Role);
}
