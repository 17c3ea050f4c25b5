import type { Context } from '../context.js';
import { BadUserInputError } from '../errors.js';
import type { Endpoint } from '../upstream/endpoints/endpoint.js';
import { type EndpointName, endpoints } from '../upstream/endpoints/table.js';
import { enumName } from './enumName.js';

/** Refuses an endpoint whose answers hold contact data of people, unless the operator allows it. */
export function throwIfPersonal(
  name: EndpointName,
  { allowsPersonalData }: Pick<Context, 'allowsPersonalData'>,
): void {
  const { isPersonal }: Endpoint<EndpointName> = endpoints[name];
  if (allowsPersonalData || !isPersonal) return;
  throw new BadUserInputError(
    `${enumName(name)} holds contact data of people; the operator has to set ALLOW_PERSONAL_DATA=1.`,
  );
}
