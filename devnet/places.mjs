// places: where the devnet keeps what it installs, builds and runs: all of it under .build/devnet.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const source = path.dirname(fileURLToPath(import.meta.url));
export const home = path.dirname(source);
export const kept = path.join(home, '.build', 'devnet');
export const packages = path.join(kept, 'packages');
export const parcels = path.join(packages, 'parcels');
export const day = path.join(home, 'data', '2024-11-01-rollups');

/** The files of one running devnet; several may run side by side under different names. */
export function runPlaces(name) {
  const folder = name === 'main' ? kept : path.join(kept, 'runs', name);
  return {
    folder,
    world: path.join(folder, 'world.json'),
    run: path.join(folder, 'run.json'),
    log: path.join(folder, 'host.log'),
  };
}
