export { Alerts, alertListeners, testAlerts } from "./alerts.ts";
export type { AlertOptions, AlertedChecker, Tested } from "./alerts.ts";
export type { AlertSettings } from "./settings.ts";
