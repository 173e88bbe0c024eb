import { duration, labels, object } from "./codec.ts";

/** What containers and services have in common. https://docs.docker.com/reference/api/engine/version/v1.41/ */
export const mount = object([
  ["target", "Target"],
  ["source", "Source"],
  ["type", "Type"],
  ["readOnly", "ReadOnly"],
  ["bindOptions.propagation", "BindOptions.Propagation"],
  ["volumeOptions.noCopy", "VolumeOptions.NoCopy"],
  ["volumeOptions.labels", "VolumeOptions.Labels", labels],
  ["volumeOptions.driverName", "VolumeOptions.DriverConfig.Name"],
  ["volumeOptions.driverOptions", "VolumeOptions.DriverConfig.Options"],
  ["tmpfsOptions.sizeBytes", "TmpfsOptions.SizeBytes"],
  ["tmpfsOptions.mode", "TmpfsOptions.Mode"],
]);

export const healthcheck = object([
  ["tests", "Test"],
  ["interval", "Interval", duration],
  ["timeout", "Timeout", duration],
  ["startPeriod", "StartPeriod", duration],
  // the provider knows it of containers only
  ["startInterval", "StartInterval", duration],
  ["retries", "Retries"],
]);
