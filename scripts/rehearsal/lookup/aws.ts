import { ResourceGroupsTaggingAPIClient, paginateGetResources } from "@aws-sdk/client-resource-groups-tagging-api";
import { URN_TAG, urnTagValue } from "@groundwork/lib/identity";
import type { StateResource } from "../deployment.ts";
import type { LookUpResult } from "../recover.ts";
import { onlyNew } from "./only-new.ts";

/** Types whose provider id is the whole ARN; the id of the others is what stands behind the last `/` or `:`. */
const IDENTIFIED_BY_ARN =
  /^aws:(lb\/(loadBalancer|targetGroup|listener|listenerRule|trustStore)|acm\/certificate|secretsmanager\/secret|sns\/topic|cloudtrail\/trail|iam\/(policy|openIdConnectProvider)):/;

/**
 * Asks AWS for the resource that carries this URN.
 * https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
 */
export async function awsLookUp(
  resource: StateResource,
  known: readonly string[],
  region: string,
): Promise<LookUpResult> {
  const client = new ResourceGroupsTaggingAPIClient({ region });
  const filter = { Key: URN_TAG, Values: [urnTagValue(resource.urn)] };
  try {
    const arns: string[] = [];
    for await (const { ResourceTagMappingList = [] } of paginateGetResources({ client }, { TagFilters: [filter] })) {
      arns.push(...ResourceTagMappingList.flatMap(({ ResourceARN }) => ResourceARN ?? []));
    }
    const ids = arns.map((arn) => (IDENTIFIED_BY_ARN.test(resource.type) ? arn : (arn.split(/[/:]/).at(-1) ?? arn)));
    return onlyNew(ids, known, "AWS");
  } catch (error) {
    const name = error instanceof Error ? error.name : "unknown error";
    return {
      unknown: `AWS could not be asked (${name}): run recover with credentials that may call tag:GetResources in ${region}`,
    };
  } finally {
    client.destroy();
  }
}
