const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
const isText = (value: unknown): value is string => typeof value === "string" && !/[\0\r\n]/.test(value);
const isPath = (value: unknown): boolean => isText(value) && value.startsWith("/");

/** Whether a value is a HealthSpec. */
export function validateHealth(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const health: Readonly<Record<string, unknown>> = { ...value };
  const times = ["intervalMs", "healthyAfter", "timeoutMs", "minUptimeMs"];
  return times.every((name) => isCount(health[name])) && isKind(health);
}

function isKind(health: Readonly<Record<string, unknown>>): boolean {
  switch (health["kind"]) {
    case "http":
      return isHttp(health);
    case "command":
      return isText(health["command"]);
    case "tcp":
    case "message":
    case "notify":
    case "none":
      return true;
    default:
      return false;
  }
}

function isHttp({ path, expect, body, warm }: Readonly<Record<string, unknown>>): boolean {
  const isExpect = isCount(expect) || expect === "any-below-500";
  const isBody = body === undefined || typeof body === "string";
  return isPath(path) && isExpect && isBody && Array.isArray(warm) && warm.every(isPath);
}
