import { reach } from "../studio/reach";
import { withNetwork } from "../world/recipes";
import type { OperationDocument } from "./fields";
import type { Spot } from "./spot";

/** What the server knows of kinds of layers, and which of them fit at a place. */

/** One of GET /api/v1/networks/{id}/additions: what to add beside its kind, and the shape that it gives. */
export interface Addition {
  kind: string;
  fields: Readonly<Record<string, unknown>>;
  shape: readonly number[];
  /** Of what takes two tensors: which may be the second, the nearest first. */
  others: readonly string[];
}

let known: Promise<ReadonlyMap<string, OperationDocument>> | null = null;

/** Every kind's options; asked for once. */
export function operations(language: string): Promise<ReadonlyMap<string, OperationDocument>> {
  known ??= fetchOperations(language).catch((error: unknown) => {
    known = null;
    throw error;
  });
  return known;
}

async function fetchOperations(language: string): Promise<ReadonlyMap<string, OperationDocument>> {
  const answer = await reach("/api/v1/operations", { headers: { "Accept-Language": language } });
  const { operations: found } = (await answer.json()) as { operations: OperationDocument[] };
  return new Map(found.map((each) => [each.kind, each]));
}

/** The layers that fit at a place of a kept network. */
export async function additions(id: string, { after, into, input }: Spot, language: string): Promise<Addition[]> {
  const place = new URLSearchParams({ after: String(after), ...(into && { into: into.join() }), ...(input !== undefined && { input }) });
  const answer = await withNetwork(id, language, () => reach(`/api/v1/networks/${encodeURIComponent(id)}/additions?${place}`, { headers: { "Accept-Language": language } }));
  return ((await answer.json()) as { additions: Addition[] }).additions;
}
