import { onMount } from "svelte";

import { setTrack } from "../controls/track";
import { setForms } from "../forms/forms.svelte";
import { setBatch, WorldBatch } from "./batch/batch.svelte";
import { Ahead, setAhead } from "./foresight/ahead.svelte";
import WorldTrack from "./foresight/WorldTrack.svelte";
import { Asked, setAsked } from "./responses/asked.svelte";
import { setWorld, type World } from "./world.svelte";

/**
 * What the parts of a page that draws any network find there, and the network live for as long as the page is there. Gives the batch, which
 * files are offered to and which goes on with the rows of `before`.
 */
export function provideWorld(world: World, before: WorldBatch | null = null): WorldBatch {
  setWorld(world);
  setForms(world.forms);
  setAhead(new Ahead(world));
  setTrack(WorldTrack);
  setAsked(new Asked(world));
  const batch = new WorldBatch(world, before);
  setBatch(batch);
  onMount(() => world.start());
  let looked = false;
  $effect(() => {
    if (!looked && world.newest) looked = world.lookFirst();
  });
  return batch;
}
