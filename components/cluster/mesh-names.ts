/** Of the Gateway, its pods' service account and the Service. */
export const WAYPOINT = "waypoint";
